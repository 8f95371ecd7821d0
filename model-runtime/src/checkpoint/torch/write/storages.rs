//! The storages that a tree holds: which records there will be, of what type and size, and where each was saved from.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::Arc;

use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::map_location::{Location, MapLocation};
use crate::checkpoint::replace::Failure;
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::storage::{Storage, StorageView};
use crate::checkpoint::value::{Dict, Value};

/// Bytes of a key in a message.
const MAX_KEY: usize = 80;

/// The storages of a tree, by identity, with the keys of those that were met so far.
#[derive(Debug)]
pub(super) struct Storages {
    slots: HashMap<usize, Slot>,
    /// Identities in the order of their keys.
    order: Vec<usize>,
}

/// One record.
#[derive(Debug)]
pub(super) struct Slot {
    /// Of the storages that are this memory, the longest.
    storage: Arc<Storage>,
    pub(super) class: StorageClass,
    pub(super) location: Arc<str>,
    /// The key, once one is given.
    pub(super) key: Option<usize>,
}

impl Slot {
    pub(super) fn nbytes(&self) -> usize {
        self.storage.nbytes()
    }

    /// Writes the bytes, which must be as many as the pickle says.
    pub(super) fn write_to(&self, out: &mut dyn Write) -> Result<(), Failure> {
        self.storage.write_to(0..self.nbytes(), out)
    }

    /// Elements of the class.
    pub(super) fn numel(&self) -> usize {
        self.storage.nbytes().checked_div(self.class.itemsize()).unwrap_or_default()
    }
}

/// A value to look at, or the end of one.
enum Step<'a> {
    Enter(&'a Value, Option<String>),
    Leave,
}

impl Storages {
    /// Looks through the whole tree, before anything is written.
    ///
    /// # Errors
    /// A value that cannot be saved, by its key; a location that `map_location` refuses.
    pub(super) fn of(root: &Value, map_location: Option<&MapLocation>) -> Result<Self> {
        let mut storages = Self { slots: HashMap::new(), order: Vec::new() };
        let (mut path, mut seen) = (Vec::new(), HashSet::new());
        let mut pending = vec![Step::Enter(root, None)];
        while let Some(step) = pending.pop() {
            let Step::Enter(value, name) = step else {
                path.pop();
                continue;
            };
            path.push(name);
            pending.push(Step::Leave);
            storages.look(value).map_err(|error| located(error, &path))?;
            if address(value).is_none_or(|address| seen.insert(address)) {
                pending.extend(children(value));
            }
        }
        storages.relocate(map_location)?;
        Ok(storages)
    }

    /// The slot of a storage, with a key.
    pub(super) fn key(&mut self, storage: &Storage) -> Result<&Slot> {
        let next = self.order.len();
        let identity = storage.identity();
        let unseen = || CheckpointError::damaged("the tree changed while it was saved");
        let slot = self.slots.get_mut(&identity).ok_or_else(unseen)?;
        if slot.key.is_none() {
            slot.key = Some(next);
            self.order.push(identity);
        }
        Ok(slot)
    }

    /// All keys with their storages, in order.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.order.iter().enumerate().filter_map(|(key, identity)| Some((key, self.slots.get(identity)?)))
    }

    fn look(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::Tensor(tensor) if tensor.is_meta() => {}
            Value::Tensor(tensor) => self.add(tensor.storage(), StorageClass::Typed(tensor.dtype())),
            Value::Storage(view) => {
                check_whole(view)?;
                self.add(&view.storage, view.class);
            }
            Value::Unreadable(reason) => {
                return Err(CheckpointError::unsupported(format_args!("cannot be saved: {reason}")));
            }
            Value::Recursive => {
                return Err(CheckpointError::unsupported("an object that contains itself cannot be saved"));
            }
            Value::Dict(dict) => check_keys(dict)?,
            _ => {}
        }
        Ok(())
    }

    /// Notes a use of the storage as elements of a class. Two classes, or one that PyTorch has no typed storage for,
    /// make it a storage of bytes, whose tensors name their own type.
    fn add(&mut self, storage: &Arc<Storage>, class: StorageClass) {
        let class = match class {
            StorageClass::Typed(dtype) if has_no_class(dtype, storage) => StorageClass::Untyped,
            other => other,
        };
        let new = || Slot { storage: Arc::clone(storage), class, location: storage.location().into(), key: None };
        let slot = self.slots.entry(storage.identity()).or_insert_with(new);
        if slot.class != class {
            slot.class = StorageClass::Untyped;
        }
        if slot.storage.nbytes() < storage.nbytes() {
            slot.storage = Arc::clone(storage);
        }
    }

    fn relocate(&mut self, map_location: Option<&MapLocation>) -> Result<()> {
        let Some(map_location) = map_location else { return Ok(()) };
        for slot in self.slots.values_mut() {
            slot.location = match map_location.resolve(&slot.storage)? {
                // PyTorch never writes the tag without a number.
                Location::Cuda(None) => "cuda:0".into(),
                location => location.to_string().into(),
            };
        }
        Ok(())
    }
}

fn has_no_class(dtype: ScalarType, storage: &Storage) -> bool {
    dtype.storage_class().is_none() || !storage.nbytes().is_multiple_of(dtype.itemsize())
}

fn check_whole(view: &StorageView) -> Result<()> {
    if (view.byte_offset(), view.nbytes()) == (0, view.storage.nbytes()) {
        return Ok(());
    }
    Err(CheckpointError::unsupported("a slice of a storage that was saved by itself, as PyTorch 0.3 did")
        .fix("save a tensor of it instead"))
}

fn check_keys(dict: &Dict) -> Result<()> {
    match dict.unhashable_key() {
        None => Ok(()),
        Some(key) => Err(CheckpointError::argument("this cannot be a key of a dict").got(key.type_name())),
    }
}

/// The address of a shared container, to look at it once.
fn address(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            Some(Arc::as_ptr(items).addr())
        }
        Value::Dict(dict) => Some(Arc::as_ptr(dict).addr()),
        Value::Tensor(tensor) => Some(Arc::as_ptr(tensor).addr()),
        Value::Opaque(object) => Some(Arc::as_ptr(object).addr()),
        _ => None,
    }
}

/// What is inside, with the keys of a dict's values.
fn children(value: &Value) -> Vec<Step<'_>> {
    match value {
        Value::Dict(dict) => {
            let names = dict.iter().flat_map(|(key, value)| {
                let name = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                [Step::Enter(key, None), Step::Enter(value, Some(name))]
            });
            let rest = dict.attributes().into_iter().chain(dict.factory());
            names.chain(rest.map(|value| Step::Enter(value, None))).collect()
        }
        other => other.children().into_iter().map(|value| Step::Enter(value, None)).collect(),
    }
}

fn located(error: CheckpointError, path: &[Option<String>]) -> CheckpointError {
    let keys: Vec<String> = path.iter().flatten().map(|key| clip(key, MAX_KEY)).collect();
    if keys.is_empty() { error } else { error.at(format_args!("key `{}`", keys.join("."))) }
}
