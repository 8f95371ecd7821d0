//! PyTorch's tar format of version 0.1: storages, tensors and a pickle that refers to them, as members of an archive.

mod members;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use members::Members;

use super::legacy::Inert;
use super::rebuild::{Rebuild, storage_class};
use super::storages::{Declared, Storages};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::format::{Format, Parts};
use crate::checkpoint::pickle::{self, Call, Interpreter};
use crate::checkpoint::record::Record;
use crate::checkpoint::scalar_type::StorageClass;
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::StorageView;
use crate::checkpoint::tensor::{Layout, TensorInfo};
use crate::checkpoint::value::Value;

pub(crate) use members::is_header;

/// Reads the structure of the archive.
pub(crate) fn open(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let members = Members::read(source)?;
    let mut objects = Objects { views: HashMap::new(), tensors: HashMap::new() };
    let mut storages = Storages::new(source, None, false, first_id);
    read_storages(source, members.storages()?, &mut storages, &mut objects).map_err(|error| error.at("storages"))?;
    read_tensors(source, members.tensors()?, &mut objects).map_err(|error| error.at("tensors"))?;
    let mut stream = Stream { source, range: members.pickle()? };
    let mut interpreter = References { objects, rebuild: Rebuild::new(storages) };
    let root = stream.pickle(&mut interpreter).and_then(|root| stream.check_end().map(|()| root));
    let (root, Rebuild { storages, globals, .. }) = (root.map_err(|error| error.at("pickle"))?, interpreter.rebuild);
    Ok(Parts { globals, ..Parts::new(Format::TorchTar, root, storages.into_vec()) })
}

/// What the pickle can refer to, by number.
struct Objects {
    views: HashMap<i64, StorageView>,
    tensors: HashMap<i64, Arc<TensorInfo>>,
}

/// Pickles and numbers, one after the other.
struct Stream<'a> {
    source: &'a Source,
    range: Range<u64>,
}

impl Stream<'_> {
    fn pickle(&mut self, interpreter: &mut dyn Interpreter) -> Result<Value> {
        let start = self.range.start;
        let named = |error: CheckpointError| error.at(format_args!("pickle at offset {start}"));
        let (value, end) = pickle::load(self.source, start, self.range.end, interpreter).map_err(named)?;
        self.range.start = end;
        Ok(value)
    }

    /// A pickled count of things that take at least `least` bytes each.
    fn count(&mut self, least: u64) -> Result<i64> {
        let count = self.pickle(&mut Inert)?;
        let most = self.left() / least;
        match count {
            Value::Int(count) if u64::try_from(count).is_ok_and(|count| count <= most) => Ok(count),
            other => Err(CheckpointError::damaged("the count is out of range")
                .expected(format_args!("at most {most}"))
                .got(other)),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.skip(u64::try_from(N).unwrap_or(u64::MAX)).and_then(|start| self.source.read_at(start, &mut bytes))?;
        Ok(bytes)
    }

    fn int(&mut self) -> Result<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    fn sizes(&mut self, rank: usize) -> Result<Vec<usize>> {
        let size = |number: i64| {
            usize::try_from(number)
                .map_err(|_| CheckpointError::damaged("a size or stride is out of range").got(number))
        };
        (0..rank).map(|_| self.int().and_then(size)).collect()
    }

    /// Steps over `len` bytes; gives the offset of the first.
    fn skip(&mut self, len: u64) -> Result<u64> {
        if self.left() < len {
            let error = CheckpointError::damaged("the member ends early").expected(format_args!("{len} more bytes"));
            return Err(error.got(self.left()));
        }
        let start = self.range.start;
        self.range.start = start.saturating_add(len);
        Ok(start)
    }

    fn left(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    fn check_end(&self) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            left => Err(CheckpointError::damaged("there are bytes after the last part of the member")
                .got(format_args!("{left} bytes"))),
        }
    }
}

/// A count; for each storage `(key, location, class)`, the number of elements and the data; a list of views.
fn read_storages(source: &Source, range: Range<u64>, storages: &mut Storages, objects: &mut Objects) -> Result<()> {
    /// A pickled tuple of three and a number of 8 bytes take more.
    const LEAST: u64 = 16;
    let mut stream = Stream { source, range };
    for _ in 0..stream.count(LEAST)? {
        let about = stream.pickle(&mut Inert)?;
        let Some([Value::Int(key), Value::Str(location), class]) = about.as_list() else {
            return Err(CheckpointError::damaged("a storage is not described")
                .expected("(int, str, class)")
                .got(about));
        };
        let named = |error: CheckpointError| error.at(format_args!("storage `{key}`"));
        let (class, count) = (storage_class(class).map_err(named)?, stream.int().map_err(named)?);
        let out_of_range = || named(CheckpointError::damaged("the number of elements is out of range").got(count));
        let numel = usize::try_from(count).map_err(|_| out_of_range())?;
        let text = Arc::<str>::from(key.to_string());
        if storages.find(&text).is_some() {
            return Err(named(CheckpointError::damaged("it is there twice")));
        }
        let nbytes = numel.checked_mul(class.itemsize()).and_then(|nbytes| u64::try_from(nbytes).ok());
        let nbytes = nbytes.ok_or_else(out_of_range)?;
        let start = stream.skip(nbytes).map_err(named)?;
        let storage = storages.declare(&Declared { class, key: &text, location, numel })?;
        storage.set_record(Record::plain(start, nbytes));
        objects.views.insert(*key, StorageView::whole(storage, class));
    }
    let views = stream.pickle(&mut Inert)?;
    let Value::List(views) = &views else {
        return Err(CheckpointError::damaged("the views of storages are no list").got(views.type_name()));
    };
    views.iter().try_for_each(|view| objects.add_view(view).map_err(|error| error.at("views")))?;
    stream.check_end()
}

/// A count; for each tensor `(key, storage, class)`, the rank, sizes, strides and offset.
fn read_tensors(source: &Source, range: Range<u64>, objects: &mut Objects) -> Result<()> {
    const LEAST: u64 = 24;
    let mut stream = Stream { source, range };
    for _ in 0..stream.count(LEAST)? {
        let about = stream.pickle(&mut Inert)?;
        let Some([Value::Int(key), Value::Int(storage), Value::Opaque(_)]) = about.as_list() else {
            return Err(CheckpointError::damaged("a tensor is not described")
                .expected("(key, storage, class)")
                .got(about));
        };
        let named = |error: CheckpointError| error.at(format_args!("tensor `{key}`"));
        let tensor = stream.tensor(*storage, objects).map_err(named)?;
        if objects.is_taken(*key) || objects.tensors.insert(*key, Arc::new(tensor)).is_some() {
            return Err(named(CheckpointError::damaged("its number is there twice")));
        }
    }
    stream.check_end()
}

impl Stream<'_> {
    fn tensor(&mut self, storage: i64, objects: &Objects) -> Result<TensorInfo> {
        let missing = || CheckpointError::damaged("there is no such storage").got(storage);
        let view = objects.views.get(&storage).ok_or_else(missing)?;
        // The rank was once written as 8 bytes; PyTorch skips the upper half.
        let (rank, upper) = (i32::from_le_bytes(self.bytes()?), i32::from_le_bytes(self.bytes()?));
        let limit = self.source.limits().rank;
        let rank = match usize::try_from(rank) {
            Ok(rank) if rank <= limit && upper == 0 => rank,
            Ok(rank) if upper == 0 => {
                return Err(CheckpointError::limit("the tensor has too many dimensions", "rank", limit, rank));
            }
            _ => return Err(CheckpointError::damaged("the number of dimensions is out of range").got(rank)),
        };
        let (shape, strides, offset) = (self.sizes(rank)?, self.sizes(rank)?, self.int()?);
        let negative = || CheckpointError::damaged("the tensor's offset is out of range").got(offset);
        let offset = usize::try_from(offset).map_err(|_| negative())?;
        let dtype = match view.class {
            StorageClass::Typed(dtype) => dtype,
            _ => return Err(CheckpointError::unsupported("elements of a type that PyTorch 0.1 did not have")),
        };
        TensorInfo::new(Layout { dtype, shape, strides, offset }, view, false)
    }
}

impl Objects {
    fn is_taken(&self, key: i64) -> bool {
        self.views.contains_key(&key) || self.tensors.contains_key(&key)
    }

    /// `(key, key of the storage, offset, numel)`, in elements.
    fn add_view(&mut self, view: &Value) -> Result<()> {
        let Some([Value::Int(key), Value::Int(root), Value::Int(offset), Value::Int(numel)]) = view.as_list() else {
            return Err(CheckpointError::damaged("a view is not described")
                .expected("(key, storage, offset, numel)")
                .got(view));
        };
        let named = |error: CheckpointError| error.at(format_args!("storage `{root}`"));
        let missing = || named(CheckpointError::damaged("there is no such storage"));
        let whole = self.views.get(root).ok_or_else(missing)?;
        let invalid = || named(CheckpointError::damaged("the view of the storage is invalid").got(view));
        let bytes = |count: i64| usize::try_from(count).ok()?.checked_mul(whole.class.itemsize());
        let (start, nbytes) = bytes(*offset).zip(bytes(*numel)).ok_or_else(invalid)?;
        if start.checked_add(nbytes).is_none_or(|end| end > whole.nbytes) || self.is_taken(*key) {
            return Err(invalid());
        }
        let (storage, start) = (Arc::clone(&whole.storage), whole.start.saturating_add(start));
        let view = StorageView { storage, class: whole.class, start, nbytes };
        self.views.insert(*key, view);
        Ok(())
    }
}

/// The pickle's own reader: persistent ids are numbers of objects, the rest is as in every format of PyTorch.
struct References {
    objects: Objects,
    rebuild: Rebuild,
}

impl Interpreter for References {
    fn names(&mut self, globals: Vec<Arc<str>>) {
        self.rebuild.names(globals);
    }

    fn global(&mut self, name: &str) -> Option<Value> {
        self.rebuild.global(name)
    }

    fn persistent(&mut self, id: &Value) -> Result<Value> {
        // The class of a module, with its source code.
        if let Some([class @ Value::Opaque(_), ..]) = id.as_list() {
            return Ok(class.clone());
        }
        let unknown = || CheckpointError::damaged("the persistent id is no number of a tensor or storage").got(id);
        let key: i64 = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(unknown)?;
        let tensor = self.objects.tensors.get(&key).map(|tensor| Value::Tensor(Arc::clone(tensor)));
        let storage = || self.objects.views.get(&key).map(|view| Value::Storage(Arc::new(view.clone())));
        tensor.or_else(storage).ok_or_else(unknown)
    }

    fn call(&mut self, call: Call) -> Result<Value> {
        self.rebuild.call(call)
    }
}
