//! PyTorch's reading of a checkpoint, as `fixtures/manifest.py` writes it down, and how a tree of values compares.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use model_runtime::checkpoint::{Dict, TensorInfo, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// What PyTorch reads from one file.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    pub format: String,
    pub state_dict_path: Option<String>,
    #[serde(default)]
    pub state_dict_candidates: Vec<String>,
    pub metadata: Option<BTreeMap<String, u64>>,
    pub tensors: Vec<Tensor>,
    values: Option<Json>,
}

/// One tensor.
#[derive(Debug, Deserialize)]
pub struct Tensor {
    pub key: Vec<Json>,
    dtype: String,
    shape: Vec<usize>,
    stride: Vec<usize>,
    storage_offset: usize,
    storage: usize,
    location: Option<String>,
    requires_grad: bool,
    #[serde(default)]
    parameter: bool,
    #[serde(default)]
    pub conj: bool,
    #[serde(default)]
    pub neg: bool,
    pub sha256: String,
}

impl Manifest {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Where several dicts are one object, any of them is the state dict.
    pub fn may_be_chosen(&self, path: &str) -> bool {
        self.state_dict_candidates.is_empty() || self.state_dict_candidates.iter().any(|candidate| candidate == path)
    }

    /// Compares everything in the tree.
    pub fn compare(&self, root: &Value, at: &str) {
        match &self.values {
            Some(values) => compare_value(self, values, root, at),
            None => self.each_tensor(root, &mut |expected, tensor| expected.compare(tensor, at)),
        }
        let mut storages = HashMap::new();
        self.each_tensor(root, &mut |expected, tensor| {
            let id = *storages.entry(expected.storage).or_insert(tensor.storage().id());
            assert_eq!(id, tensor.storage().id(), "{at} {:?}: storage", expected.key);
        });
        let ids: std::collections::HashSet<_> = storages.values().collect();
        assert_eq!(ids.len(), storages.len(), "{at}: two storages are one");
    }

    /// Calls `visit` with every tensor of the manifest and the one in its place.
    pub fn each_tensor(&self, root: &Value, visit: &mut dyn FnMut(&Tensor, &Arc<TensorInfo>)) {
        for expected in self.tensors.iter().filter(|tensor| !tensor.conj && !tensor.neg) {
            let found =
                if self.format == "torchscript" { attribute(root, &expected.key) } else { at_key(root, &expected.key) };
            match found.and_then(Value::as_tensor) {
                Some(tensor) => visit(expected, tensor),
                None => panic!("no tensor at {:?} in {root}", expected.key),
            }
        }
    }
}

impl Tensor {
    pub fn compare(&self, tensor: &TensorInfo, at: &str) {
        let at = format!("{at} {:?}", self.key);
        assert_eq!(tensor.dtype().name(), self.dtype, "{at}");
        assert_eq!(tensor.shape(), self.shape, "{at}");
        assert_eq!(tensor.strides(), self.stride, "{at}");
        assert_eq!(tensor.offset(), self.storage_offset, "{at}");
        assert_eq!(tensor.location(), self.location.as_deref().unwrap_or("cpu"), "{at}");
        assert_eq!(tensor.requires_grad(), self.requires_grad, "{at}");
        assert!(tensor.is_parameter() == self.parameter, "{at}");
        let bytes = tensor.read_bytes().unwrap_or_else(|error| panic!("{at}: {error}"));
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sha256, self.sha256, "{at}");
    }
}

fn at_key<'a>(root: &'a Value, key: &[Json]) -> Option<&'a Value> {
    key.iter().try_fold(root, |value, step| match (value, step) {
        (Value::Dict(dict), Json::String(key)) => dict.get(key),
        (Value::Dict(dict), Json::Number(key)) => dict.get_int(key.as_i64()?),
        (Value::List(items) | Value::Tuple(items), Json::Number(index)) => {
            items.get(usize::try_from(index.as_u64()?).ok()?)
        }
        (Value::Dict(dict), other) => dict.iter().find(|(key, _)| is(other, key)).map(|(_, value)| value),
        _ => None,
    })
}

/// A tensor of a scripted module: its dotted name leads through the attributes.
fn attribute<'a>(root: &'a Value, key: &[Json]) -> Option<&'a Value> {
    let name = key.first()?.as_str()?;
    name.split('.').try_fold(root, |value, name| match value {
        Value::Opaque(object) => object.attribute(name),
        _ => None,
    })
}

fn is(expected: &Json, value: &Value) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| compare_plain(expected, value, ""))).is_ok()
}

fn compare_value(manifest: &Manifest, expected: &Json, value: &Value, at: &str) {
    let Some((kind, content)) =
        expected.as_object().and_then(|object| object.iter().find(|(key, _)| *key != "__attributes__"))
    else {
        return match (expected, value) {
            (Json::Array(items), Value::List(values)) => compare_items(manifest, items, values, at),
            _ => compare_plain(expected, value, at),
        };
    };
    match (kind.as_str(), value) {
        ("__tensor__", value) => {
            let index = content.as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
            let tensor = &manifest.tensors[index];
            match value {
                Value::Tensor(found) => tensor.compare(found, at),
                Value::Opaque(object) => {
                    let reason = object.unreadable().unwrap_or_default();
                    assert!(
                        tensor.conj && reason.contains("conj") || tensor.neg && reason.contains("neg"),
                        "{at}: {reason}"
                    )
                }
                other => panic!("{at}: expected a tensor, got {other}"),
            }
        }
        ("__tuple__", Value::Tuple(values)) => compare_items(manifest, content.as_array().expect("items"), values, at),
        ("__dict__" | "__odict__" | "__counter__", Value::Dict(dict)) => {
            compare_dict(manifest, content.as_array().expect("entries"), dict, at);
            let attributes = expected.get("__attributes__").and_then(Json::as_object).into_iter().flatten();
            for (name, attribute) in attributes {
                let found = dict.attributes().and_then(|attributes| attributes.get(name));
                compare_value(manifest, attribute, found.unwrap_or(&Value::None), &format!("{at} {name}"));
            }
        }
        _ => compare_plain(expected, value, at),
    }
}

fn compare_items(manifest: &Manifest, expected: &[Json], values: &[Value], at: &str) {
    assert_eq!(expected.len(), values.len(), "{at}");
    expected.iter().zip(values).for_each(|(expected, value)| compare_value(manifest, expected, value, at));
}

fn compare_dict(manifest: &Manifest, expected: &[Json], dict: &Dict, at: &str) {
    assert_eq!(expected.len(), dict.len(), "{at}: {dict:?}");
    for (entry, (key, value)) in expected.iter().zip(dict.iter()) {
        compare_value(manifest, &entry[0], key, at);
        compare_value(manifest, &entry[1], value, &format!("{at} {key}"));
    }
}

/// Values without anything inside.
fn compare_plain(expected: &Json, value: &Value, at: &str) {
    let tagged = expected.as_object().and_then(|object| object.iter().next());
    let equal = match (expected, tagged, value) {
        (Json::Null, _, Value::None) => true,
        (Json::Bool(expected), _, Value::Bool(value)) => expected == value,
        (Json::Number(expected), _, Value::Int(value)) => expected.as_i64() == Some(*value),
        (Json::Number(expected), _, Value::Float(value)) => {
            expected.is_f64() && expected.as_f64().map(f64::to_bits) == Some(value.to_bits())
        }
        (Json::String(expected), _, Value::Str(value)) => **expected == **value,
        (_, Some((kind, content)), value) => compare_tagged(kind, content, value),
        _ => false,
    };
    assert!(equal, "{at}: expected {expected}, got {value}");
}

fn compare_tagged(kind: &str, content: &Json, value: &Value) -> bool {
    let text = content.as_str().unwrap_or_default();
    match (kind, value) {
        ("__int__", Value::BigInt(value)) => value.as_i128().is_none_or(|value| value.to_string() == text),
        ("__float__", Value::Float(value)) => text == value.to_string().to_lowercase(),
        ("__complex__", Value::Complex(re, im)) => content[0].as_f64() == Some(*re) && content[1].as_f64() == Some(*im),
        ("__bytes__", Value::Bytes(bytes)) | ("__bytearray__", Value::ByteArray(bytes)) => {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == text
        }
        ("__dtype__", Value::Dtype(dtype)) => dtype.name() == text,
        ("__dtype__", Value::Opaque(object)) => object.global() == format!("torch.{text}"),
        ("__device__", Value::Device(device)) => &**device == text,
        ("__size__", Value::Size(sizes)) => content.as_array().is_some_and(|dims| {
            dims.iter().zip(sizes.iter()).all(|(dim, size)| dim.as_u64() == u64::try_from(*size).ok())
                && dims.len() == sizes.len()
        }),
        ("__set__", Value::Set(items)) => content.as_array().is_some_and(|expected| {
            expected.len() == items.len() && expected.iter().all(|item| items.iter().any(|value| is(item, value)))
        }),
        ("__opaque__", Value::Opaque(_) | Value::Unreadable(_)) => true,
        ("__opaque__", Value::Tensor(tensor)) => text == "meta" && tensor.is_meta(),
        ("__opaque__", Value::Dict(_)) => text == "collections.defaultdict",
        ("__opaque__", Value::FrozenSet(_)) => text == "builtins.frozenset",
        _ => false,
    }
}
