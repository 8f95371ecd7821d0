//! The `.metadata` of a distributed checkpoint: a pickle of data classes, of which only the known ones are taken.

use std::sync::Arc;

use super::nest::Step;
use super::scan;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::pickle::{self, Call, Interpreter};
use crate::checkpoint::scalar_type::ScalarType;
use crate::checkpoint::source::Source;
use crate::checkpoint::value::{Dict, Opaque, Value};
use crate::hash::{FastMap, map_of};

/// Where the data classes are.
const CLASSES: &str = "torch.distributed.checkpoint.metadata.";
const STORAGE_INFO: &str = "torch.distributed.checkpoint.filesystem._StorageInfo";

/// The place of each part: by key, and for a chunk of a tensor by its offsets.
type Items = FastMap<(Arc<str>, Option<Vec<usize>>), Item>;

/// What a `.metadata` holds.
#[derive(Debug)]
pub(super) struct Metadata {
    /// In the order of the file.
    pub(super) entries: Vec<(Arc<str>, Entry)>,
    items: Items,
    /// The path of each key in the nested dict that was saved; empty for a flat one.
    pub(super) paths: FastMap<Arc<str>, Vec<Step>>,
    /// The classes and functions that the pickle names.
    pub(super) globals: Vec<Arc<str>>,
}

/// One value of the state dict.
#[derive(Debug)]
pub(super) enum Entry {
    /// A value that is no tensor, as `torch.save` writes it.
    Bytes,
    Tensor(TensorEntry),
    /// A tensor that cannot be read, with the reason.
    Unreadable(Arc<str>),
}

#[derive(Debug)]
pub(super) struct TensorEntry {
    pub(super) dtype: ScalarType,
    pub(super) shape: Vec<usize>,
    pub(super) chunks: Vec<Chunk>,
}

/// A box inside a tensor.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) offsets: Vec<usize>,
    pub(super) sizes: Vec<usize>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Item {
    pub(super) file: Arc<str>,
    pub(super) start: u64,
    pub(super) len: u64,
}

impl Metadata {
    pub(super) fn read(source: &Source) -> Result<Self> {
        scan::scan(source)?;
        let mut classes = Classes::default();
        let (root, end) = pickle::load(source, 0, source.len(), &mut classes)?;
        if end != source.len() {
            return Err(CheckpointError::damaged("there are bytes after the end of the pickle"));
        }
        let metadata = object(&root, "Metadata")?;
        let rank = source.limits().rank;
        let entries = dict(metadata, "state_dict_metadata")?.iter().map(|(key, value)| {
            let key = text(key)?;
            let entry = entry(value, rank).map_err(|error| error.at(format_args!("key `{key}`")))?;
            Ok((key, entry))
        });
        let (entries, items) = (entries.collect::<Result<_>>()?, items(dict(metadata, "storage_data")?)?);
        let paths = match metadata.attribute("planner_data") {
            None | Some(Value::None) => FastMap::default(),
            Some(Value::Dict(paths)) => {
                paths.iter().map(|(key, path)| Ok((text(key)?, steps(path)?))).collect::<Result<_>>()?
            }
            Some(other) => return Err(wrong("planner_data", "a dict", other)),
        };
        Ok(Self { entries, items, paths, globals: classes.globals })
    }

    /// Where the value under `key`, or its chunk at `offsets`, is.
    pub(super) fn item(&self, key: &Arc<str>, offsets: Option<&Vec<usize>>) -> Result<&Item> {
        let missing = || CheckpointError::damaged("the metadata does not say which file holds it");
        self.items.get(&(Arc::clone(key), offsets.cloned())).ok_or_else(missing)
    }
}

fn entry(value: &Value, rank: usize) -> Result<Entry> {
    let Value::Opaque(object) = value else { return Err(wrong("state_dict_metadata", "an object", value)) };
    match object.global().strip_prefix(CLASSES) {
        Some("BytesStorageMetadata") => Ok(Entry::Bytes),
        Some("TensorStorageMetadata") => {
            let (shape, chunks) = (sizes(object, "size")?, list(object, "chunks")?);
            if shape.len() > rank {
                return Err(CheckpointError::limit("the tensor has too many dimensions", "rank", rank, shape.len()));
            }
            let chunks = chunks.iter().map(chunk).collect::<Result<_>>()?;
            Ok(match dtype(object)? {
                Ok(dtype) => Entry::Tensor(TensorEntry { dtype, shape, chunks }),
                Err(name) => Entry::Unreadable(format!("elements of type `{name}`").into()),
            })
        }
        _ => Err(wrong("state_dict_metadata", "TensorStorageMetadata or BytesStorageMetadata", value)),
    }
}

/// `TensorProperties` has a tuple for its state, of which the first is the type of the elements.
fn dtype(tensor: &Opaque) -> Result<Result<ScalarType, String>> {
    let properties = attribute(tensor, "properties")?;
    let state = object(properties, "TensorProperties")?.state();
    match state.as_list().and_then(<[Value]>::first).or_else(|| state.get("dtype")) {
        Some(Value::Dtype(dtype)) => Ok(Ok(*dtype)),
        Some(Value::Opaque(other)) => Ok(Err(other.global().to_owned())),
        other => Err(wrong("dtype", "a dtype", other.unwrap_or(&Value::None))),
    }
}

fn chunk(value: &Value) -> Result<Chunk> {
    let chunk = object(value, "ChunkStorageMetadata")?;
    Ok(Chunk { offsets: sizes(chunk, "offsets")?, sizes: sizes(chunk, "sizes")? })
}

/// `{MetadataIndex: _StorageInfo}`.
fn items(data: &Dict) -> Result<Items> {
    let mut items = map_of(data.len());
    for (index, info) in data.iter() {
        let index = object(index, "MetadataIndex")?;
        let key = text(attribute(index, "fqn")?)?;
        let named = |error: CheckpointError| error.at(format_args!("key `{key}`"));
        let offsets = match index.attribute("offset") {
            None | Some(Value::None) => None,
            Some(_) => Some(sizes(index, "offset").map_err(named)?),
        };
        let item = item(info).map_err(named)?;
        if items.insert((Arc::clone(&key), offsets), item).is_some() {
            return Err(named(CheckpointError::damaged("the metadata names two places for one part")));
        }
    }
    Ok(items)
}

fn item(info: &Value) -> Result<Item> {
    let Value::Opaque(info) = info else { return Err(wrong("storage_data", "_StorageInfo", info)) };
    if info.global() != STORAGE_INFO {
        return Err(wrong("storage_data", "_StorageInfo", &Value::Opaque(Arc::clone(info))));
    }
    if info.attribute("transform_descriptors").is_some_and(|descriptors| !descriptors.is_none()) {
        return Err(CheckpointError::unsupported("a part that an extension of the writer compressed or changed"));
    }
    let number = |name| {
        let value = attribute(info, name)?;
        value
            .as_int()
            .and_then(|number| u64::try_from(number).ok())
            .ok_or_else(|| wrong(name, "a number of bytes", value))
    };
    Ok(Item { file: text(attribute(info, "relative_path")?)?, start: number("offset")?, len: number("length")? })
}

fn steps(path: &Value) -> Result<Vec<Step>> {
    let step = |value: &Value| match value {
        Value::Str(key) => Ok(Step::Key(Arc::clone(key))),
        Value::Int(index) => {
            usize::try_from(*index).map(Step::Index).map_err(|_| wrong("planner_data", "an index", value))
        }
        other => Err(wrong("planner_data", "strings and numbers", other)),
    };
    path.as_list().ok_or_else(|| wrong("planner_data", "a path", path))?.iter().map(step).collect()
}

fn object<'a>(value: &'a Value, class: &str) -> Result<&'a Opaque> {
    match value {
        Value::Opaque(object) if object.global().strip_prefix(CLASSES) == Some(class) && !object.args().is_none() => {
            Ok(object)
        }
        other => Err(wrong(class, class, other)),
    }
}

fn attribute<'a>(object: &'a Opaque, name: &str) -> Result<&'a Value> {
    object.attribute(name).ok_or_else(|| wrong(object.global(), &format!("`{name}`"), object.state()))
}

fn dict<'a>(object: &'a Opaque, name: &str) -> Result<&'a Dict> {
    let value = attribute(object, name)?;
    value.as_dict().ok_or_else(|| wrong(name, "a dict", value))
}

fn list<'a>(object: &'a Opaque, name: &str) -> Result<&'a [Value]> {
    let value = attribute(object, name)?;
    value.as_list().ok_or_else(|| wrong(name, "a list", value))
}

fn sizes(object: &Opaque, name: &str) -> Result<Vec<usize>> {
    let value = attribute(object, name)?;
    match value {
        Value::Size(sizes) => Ok(sizes.to_vec()),
        other => {
            let all = other.as_list().and_then(|items| items.iter().map(Value::as_usize).collect());
            all.ok_or_else(|| wrong(name, "sizes", other))
        }
    }
}

fn text(value: &Value) -> Result<Arc<str>> {
    if let Value::Str(text) = value { Ok(Arc::clone(text)) } else { Err(wrong("the metadata", "a string", value)) }
}

fn wrong(what: &str, expected: &str, got: &Value) -> CheckpointError {
    CheckpointError::damaged(format_args!("`{what}` is not what PyTorch writes")).expected(expected).got(got)
}

/// The classes that a `.metadata` may name.
#[derive(Default)]
struct Classes {
    globals: Vec<Arc<str>>,
}

impl Interpreter for Classes {
    fn names(&mut self, globals: Vec<Arc<str>>) {
        self.globals = globals;
    }

    fn global(&mut self, name: &str) -> Option<Value> {
        name.strip_prefix("torch.").and_then(ScalarType::from_name).map(Value::Dtype)
    }

    fn persistent(&mut self, _: &Value) -> Result<Value> {
        Err(CheckpointError::damaged("a persistent id where a plain value should be"))
    }

    fn call(&mut self, call: Call) -> Result<Value> {
        match &*call.global {
            "torch.Size" => size(&call),
            "torch.serialization._get_layout" | "torch.device" | STORAGE_INFO => call.into_opaque(),
            name if name.starts_with(CLASSES) || name.starts_with("pathlib.") => call.into_opaque(),
            name => Err(CheckpointError::damaged("a call where a plain value should be").got(format_args!("`{name}`"))),
        }
    }
}

fn size(call: &Call) -> Result<Value> {
    let sizes = call.args.first().and_then(Value::as_list).filter(|_| call.args.len() == 1 && call.states.is_empty());
    let sizes = sizes.and_then(|sizes| sizes.iter().map(Value::as_usize).collect::<Option<Vec<_>>>());
    let invalid = || CheckpointError::damaged("a size is out of range").got(Value::Tuple(Arc::clone(&call.args)));
    sizes.map(|sizes| Value::Size(sizes.into())).ok_or_else(invalid)
}
