//! Comparison of two checkpoints, bit for bit: values, order, kinds, aliases, shared storages, locations, bytes.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model_runtime::checkpoint::{Dict, TensorInfo, Value};

/// The checkpoint files of these folders of fixtures.
pub fn files(folders: &[&str]) -> Vec<PathBuf> {
    let folder = |name: &&str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let entries = folders.iter().flat_map(|name| fs::read_dir(folder(name)).expect("a folder of fixtures"));
    let is_checkpoint = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("pt" | "pth" | "safetensors")) && !path.ends_with("tar.pt")
    };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).filter(is_checkpoint).collect();
    files.sort();
    files
}

/// Whether a tensor in there has no form in which it could be read.
pub fn holds_unreadable(value: &Value) -> bool {
    match value {
        Value::Unreadable(_) | Value::Recursive => true,
        Value::Dict(dict) => dict.iter().any(|(_, value)| holds_unreadable(value)),
        Value::List(items) | Value::Tuple(items) => items.iter().any(holds_unreadable),
        Value::Opaque(object) => holds_unreadable(object.state()) || holds_unreadable(object.args()),
        _ => false,
    }
}

/// Panics at the first difference.
pub fn compare(left: &Value, right: &Value, at: &str) {
    let mut seen = Seen::default();
    seen.compare(left, right, at);
}

/// What is one object on the left must be one on the right.
#[derive(Default)]
struct Seen {
    objects: HashMap<usize, usize>,
    storages: HashMap<usize, usize>,
}

impl Seen {
    fn compare(&mut self, left: &Value, right: &Value, at: &str) {
        assert_eq!(left.type_name(), right.type_name(), "{at}");
        if let (Some(left), Some(right)) = (address(left), address(right))
            && let Some(known) = self.objects.insert(left, right)
        {
            return assert_eq!(known, right, "{at}: what was one object is two");
        }
        match (left, right) {
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => self.items(a, b, at),
            (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => self.items(a, b, at),
            (Value::Dict(a), Value::Dict(b)) => self.dicts(a, b, at),
            (Value::Tensor(a), Value::Tensor(b)) => self.tensors(a, b, at),
            (Value::Storage(a), Value::Storage(b)) => {
                self.storage(a.storage().id(), b.storage().id(), at);
                assert_eq!(a.storage().read().expect("bytes"), b.storage().read().expect("bytes"), "{at}");
            }
            (Value::Opaque(a), Value::Opaque(b)) => {
                assert_eq!(a.unreadable(), b.unreadable(), "{at}");
                self.compare(a.args(), b.args(), at);
                self.compare(a.state(), b.state(), at);
                self.items(a.items(), b.items(), at);
                self.dicts(a.entries(), b.entries(), at);
            }
            (left, right) => assert!(left == right, "{at}: {left} is {right}"),
        }
    }

    fn items(&mut self, left: &[Value], right: &[Value], at: &str) {
        assert_eq!(left.len(), right.len(), "{at}");
        left.iter().zip(right).for_each(|(left, right)| self.compare(left, right, at));
    }

    fn dicts(&mut self, left: &Dict, right: &Dict, at: &str) {
        assert_eq!((left.kind(), left.len()), (right.kind(), right.len()), "{at}");
        for ((key, value), (other_key, other)) in left.iter().zip(right.iter()) {
            self.compare(key, other_key, at);
            self.compare(value, other, &format!("{at} {key}"));
        }
        let none = Value::None;
        self.compare(left.attributes().unwrap_or(&none), right.attributes().unwrap_or(&none), at);
        self.compare(left.factory().unwrap_or(&none), right.factory().unwrap_or(&none), at);
    }

    fn tensors(&mut self, left: &TensorInfo, right: &TensorInfo, at: &str) {
        self.storage(left.storage().id(), right.storage().id(), at);
        assert_eq!(left.dtype(), right.dtype(), "{at}");
        assert_eq!((left.shape(), left.strides()), (right.shape(), right.strides()), "{at}");
        assert_eq!((left.offset(), left.location()), (right.offset(), right.location()), "{at}");
        assert_eq!((left.requires_grad(), left.is_parameter()), (right.requires_grad(), right.is_parameter()), "{at}");
        assert_eq!((left.class(), left.is_meta()), (right.class(), right.is_meta()), "{at}");
        let none = Value::None;
        self.compare(left.attributes().unwrap_or(&none), right.attributes().unwrap_or(&none), at);
        if left.is_meta() {
            return;
        }
        assert!(left.storage().read().expect("bytes") == right.storage().read().expect("bytes"), "{at}: other bytes");
        assert!(left.read_bytes().expect("bytes") == right.read_bytes().expect("bytes"), "{at}: other bytes");
    }

    fn storage(&mut self, left: usize, right: usize, at: &str) {
        assert_eq!(*self.storages.entry(left).or_insert(right), right, "{at}: what was one storage is two");
        let shared = self.storages.values().filter(|other| **other == right).count();
        assert_eq!(shared, 1, "{at}: what were two storages is one");
    }
}

fn address(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) if !items.is_empty() => {
            Some(Arc::as_ptr(items).addr())
        }
        Value::Dict(dict) => Some(Arc::as_ptr(dict).addr()),
        Value::Tensor(tensor) => Some(Arc::as_ptr(tensor).addr()),
        Value::Opaque(object) if !object.args().is_none() => Some(Arc::as_ptr(object).addr()),
        _ => None,
    }
}
