//! PyTorch's stream format before 1.6: five pickles, then the storages one after the other.

use std::collections::HashSet;
use std::sync::Arc;

use super::rebuild::Rebuild;
use super::storages::Storages;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::format::{Format, Parts};
use crate::checkpoint::pickle::{self, Call, Interpreter};
use crate::checkpoint::record::Record;
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::Storage;
use crate::checkpoint::value::Value;
use crate::checkpoint::window::Window;

/// The number that a file starts with, as a pickled integer.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const PROTOCOL: i64 = 1001;
/// Bytes of the element count before each storage.
const COUNT_LEN: u64 = 8;

/// Reads the structure of the stream.
pub(crate) fn open(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let mut stream = Stream { source, pos: 0 };
    stream.check_header()?;
    let mut rebuild = Rebuild::new(Storages::new(source, None, false, first_id));
    let root = stream.pickle("object", &mut rebuild)?;
    let keys = stream.pickle("storage keys", &mut Inert)?;
    stream.place_storages(&keys, &rebuild.storages)?;
    let rest = stream.rest()?;
    let Rebuild { storages, globals, .. } = rebuild;
    Ok(Parts { rest, globals, ..Parts::new(Format::TorchLegacy, root, storages.into_vec()) })
}

struct Stream<'a> {
    source: &'a Source,
    pos: u64,
}

impl Stream<'_> {
    fn pickle(&mut self, what: &str, interpreter: &mut dyn Interpreter) -> Result<Value> {
        let start = self.pos;
        let named = |error: CheckpointError| error.at(format_args!("{what} (pickle at offset {start})"));
        let (value, end) = pickle::load(self.source, start, self.source.len(), interpreter).map_err(named)?;
        self.pos = end;
        Ok(value)
    }

    fn check_header(&mut self) -> Result<()> {
        match self.pickle("magic number", &mut Inert)? {
            Value::BigInt(magic) if magic.as_i128() == Some(MAGIC) => {}
            other => {
                let error = CheckpointError::not_a_checkpoint("this is a pickle, but not one of `torch.save`");
                return Err(error
                    .expected("PyTorch's magic number first")
                    .got(other)
                    .fix("load it in Python and save it with `torch.save`"));
            }
        }
        match self.pickle("protocol", &mut Inert)? {
            Value::Int(PROTOCOL) => {}
            other => {
                return Err(CheckpointError::unsupported("the version of the stream is unknown")
                    .expected(PROTOCOL)
                    .got(other)
                    .at("protocol"));
            }
        }
        // The data are little-endian on every host, whatever stands in here.
        match self.pickle("system information", &mut Inert)? {
            Value::Dict(_) => Ok(()),
            other => Err(CheckpointError::damaged("the system information is no dict").got(other.type_name())),
        }
    }

    /// Where another save starts, of which PyTorch puts any number into one stream; `None` at the end of the file.
    fn rest(&mut self) -> Result<Option<u64>> {
        let (start, left) = (self.pos, self.source.len().saturating_sub(self.pos));
        if left == 0 {
            return Ok(None);
        }
        match self.pickle("magic number", &mut Inert) {
            Ok(Value::BigInt(magic)) if magic.as_i128() == Some(MAGIC) => Ok(Some(start)),
            _ => {
                let error = CheckpointError::damaged("there are bytes after the last storage");
                Err(error.got(format_args!("{left} bytes")))
            }
        }
    }

    /// Says to each storage where its bytes are: the order is that of `keys`.
    fn place_storages(&mut self, keys: &Value, storages: &Storages) -> Result<()> {
        let Value::List(keys) = keys else {
            return Err(CheckpointError::damaged("the storage keys are no list").got(keys.type_name()));
        };
        let mut window = Window::new(self.source);
        let mut placed = HashSet::with_capacity(keys.len().min(storages.all().len()));
        for key in keys.iter() {
            let key = key
                .as_str()
                .ok_or_else(|| CheckpointError::damaged("a storage key is no string").got(key.type_name()))?;
            let named = |error: CheckpointError| error.at(format_args!("storage `{key}`"));
            let Some(storage) = storages.find(key) else {
                return Err(named(CheckpointError::damaged("no tensor uses it, so that its length is unknown")));
            };
            if !placed.insert(key) {
                return Err(named(CheckpointError::damaged("its data are listed twice")));
            }
            self.place(storage, &mut window).map_err(named)?;
        }
        match storages.all().iter().find(|storage| !placed.contains(storage.key())) {
            Some(storage) => Err(CheckpointError::damaged("its data are not in the file")
                .at(format_args!("storage `{}`", storage.key()))),
            None => Ok(()),
        }
    }

    fn place(&mut self, storage: &Storage, window: &mut Window<'_>) -> Result<()> {
        let cut = |got: u64| {
            CheckpointError::damaged("the file ends in its data")
                .expected(format_args!("{} bytes", storage.nbytes()))
                .got(got)
                .fix("the file is cut; copy or download it again")
        };
        let left = self.source.len().saturating_sub(self.pos);
        if left < COUNT_LEN {
            return Err(cut(0));
        }
        let count = window.array(self.pos)?;
        let numel = storage.nbytes() / storage.class().itemsize();
        if usize::try_from(i64::from_le_bytes(count)) != Ok(numel) {
            let error = CheckpointError::damaged("its data have another length than its tensors say");
            return Err(error.expected(format_args!("{numel} elements")).got(i64::from_le_bytes(count)));
        }
        let nbytes = u64::try_from(storage.nbytes()).unwrap_or(u64::MAX);
        if left.saturating_sub(COUNT_LEN) < nbytes {
            return Err(cut(left.saturating_sub(COUNT_LEN)));
        }
        storage.set_record(Record::plain(self.pos.saturating_add(COUNT_LEN), nbytes));
        self.pos = self.pos.saturating_add(COUNT_LEN).saturating_add(nbytes);
        Ok(())
    }
}

/// For the pickles around the object, which are plain values.
pub(super) struct Inert;

impl Interpreter for Inert {
    fn global(&mut self, _: &str) -> Option<Value> {
        None
    }

    fn persistent(&mut self, _: &Value) -> Result<Value> {
        Err(CheckpointError::damaged("a persistent id where a plain value should be"))
    }

    fn call(&mut self, call: Call) -> Result<Value> {
        Err(CheckpointError::damaged("a call where a plain value should be").got(format_args!("`{}`", call.global)))
    }
}
