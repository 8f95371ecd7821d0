//! What a checkpoint holds: a tree of dicts, lists, tensors and plain Python values.

mod attributes;
mod big_int;
mod build;
mod dict;
mod dismantle;
mod equal;
mod opaque;
mod serde;
mod summary;

use std::sync::Arc;

use super::scalar_type::ScalarType;
use super::storage::StorageView;
use super::tensor::TensorInfo;

pub(crate) use attributes::Attributes;
pub use big_int::BigInt;
pub use dict::{Dict, DictKind};
pub(crate) use opaque::Construct;
pub use opaque::Opaque;

/// One Python value from a checkpoint.
///
/// Containers are shared: cloning is cheap, and what was one object under two names in Python is one here. Trees
/// from a file have no cycles and a bounded depth. `Display` and `Debug` print a short summary.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    #[default]
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer of at most 64 bits.
    Int(i64),
    /// A longer integer.
    BigInt(BigInt),
    /// A float, bit for bit.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A string.
    Str(Arc<str>),
    /// A string with lone surrogates, which Rust's `str` cannot hold, as the bytes that Python wrote (WTF-8).
    Wtf8(Arc<[u8]>),
    /// `bytes`, or a string of Python 2 that is not UTF-8.
    Bytes(Arc<[u8]>),
    /// A `bytearray`.
    ByteArray(Arc<[u8]>),
    /// A list.
    List(Arc<Items>),
    /// A tuple.
    Tuple(Arc<Items>),
    /// A set.
    Set(Arc<Items>),
    /// A frozenset.
    FrozenSet(Arc<Items>),
    /// A dict, `OrderedDict`, `Counter` or `defaultdict`, in the order of the file; [`Dict::kind`] says which.
    Dict(Arc<Dict>),
    /// A tensor, or a parameter.
    Tensor(Arc<TensorInfo>),
    /// A storage that was saved by itself.
    Storage(Arc<StorageView>),
    /// A `torch.Size`.
    Size(Arc<[usize]>),
    /// A `torch.device`, as `str(device)` prints it.
    Device(Arc<str>),
    /// A `torch.dtype`.
    Dtype(ScalarType),
    /// An object of any other class, which was not constructed.
    Opaque(Arc<Opaque>),
    /// The place where an object contains itself, as configuration objects with a link to their parent do.
    Recursive,
    /// A tensor that cannot be read, with the reason.
    Unreadable(Arc<str>),
}

/// The elements of a list, tuple or set; a slice of [`Value`].
#[derive(Default)]
pub struct Items(Vec<Value>);

impl Value {
    /// The name of the Python type, for messages.
    pub fn type_name(&self) -> &str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::BigInt(_) => "int",
            Self::Float(_) => "float",
            Self::Complex(..) => "complex",
            Self::Str(_) | Self::Wtf8(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::ByteArray(_) => "bytearray",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Set(_) => "set",
            Self::FrozenSet(_) => "frozenset",
            Self::Dict(_) => "dict",
            Self::Tensor(_) => "tensor",
            Self::Storage(_) => "storage",
            Self::Size(_) => "torch.Size",
            Self::Device(_) => "torch.device",
            Self::Dtype(_) => "torch.dtype",
            Self::Opaque(opaque) => opaque.global(),
            Self::Recursive => "recursive",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// Whether this is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The value of a bool.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The value of an integer of at most 64 bits.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The value of an integer that counts something: not negative, and no longer than a `usize`.
    pub fn as_usize(&self) -> Option<usize> {
        self.as_int().and_then(|value| usize::try_from(value).ok())
    }

    /// The value of a float.
    pub fn as_float(&self) -> Option<f64> {
        if let Self::Float(value) = self { Some(*value) } else { None }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The bytes of a `bytes` or `bytearray` object.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) | Self::ByteArray(bytes) = self { Some(bytes) } else { None }
    }

    /// The elements of a list or a tuple.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a dict.
    pub fn as_dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    /// The tensor.
    pub fn as_tensor(&self) -> Option<&Arc<TensorInfo>> {
        if let Self::Tensor(tensor) = self { Some(tensor) } else { None }
    }

    /// The entry of a dict under the string `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_dict().and_then(|dict| dict.get(key))
    }

    /// Everything directly inside, in the order of the file; of a dict the keys too.
    pub(crate) fn children(&self) -> Vec<&Self> {
        fn entries(dict: &Dict) -> impl Iterator<Item = &Value> {
            dict.iter().flat_map(|(key, value)| [key, value]).chain(dict.attributes()).chain(dict.factory())
        }
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) | Self::FrozenSet(items) => {
                items.iter().collect()
            }
            Self::Dict(dict) => entries(dict).collect(),
            Self::Tensor(tensor) => tensor.extras().into_iter().flat_map(Attributes::values).collect(),
            Self::Opaque(o) => [&o.args, &o.state].into_iter().chain(&o.items).chain(entries(&o.entries)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a tensor, a storage or something unreadable is in here, at any depth.
    pub(crate) fn holds_tensor(&self) -> bool {
        let mut pending = vec![self];
        while let Some(value) = pending.pop() {
            match value {
                Self::Tensor(_) | Self::Storage(_) | Self::Unreadable(_) => return true,
                Self::Opaque(object) if object.unreadable().is_some() => return true,
                _ => {}
            }
            pending.extend(value.children());
        }
        false
    }
}

impl From<Vec<Value>> for Items {
    fn from(items: Vec<Value>) -> Self {
        Self(items)
    }
}

impl std::ops::Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Value {
        (0..depth).fold(Value::Int(1), |inner, _| Value::List(Arc::new(vec![inner].into())))
    }

    fn on_a_small_stack(test: fn()) {
        std::thread::Builder::new().stack_size(256 << 10).spawn(test).unwrap().join().unwrap();
    }

    #[test]
    fn a_deep_tree_is_cloned_printed_and_dropped_on_a_small_stack() {
        on_a_small_stack(|| {
            let tree = nested(150_000);
            let copy = tree.clone();
            assert_eq!(format!("{tree:?}"), "[[[[[...]]]]]");
            assert!(!tree.holds_tensor());
            drop(tree);
            drop(copy);
        });
    }

    #[test]
    fn dicts_and_objects_are_dropped_without_recursion() {
        on_a_small_stack(|| {
            let mut value = Value::None;
            for _ in 0..50_000 {
                let dict = Dict::from_entries(vec![(Value::Int(0), value)]).unwrap();
                let mut opaque = Opaque::class("a.B".into());
                opaque.state = Value::Dict(Arc::new(dict));
                value = Value::Opaque(Arc::new(opaque));
            }
        });
    }

    #[test]
    fn accessors_answer_only_for_their_own_type() {
        assert_eq!((Value::Int(-1).as_int(), Value::Int(-1).as_usize()), (Some(-1), None));
        assert_eq!((Value::Bool(true).as_int(), Value::Bool(true).as_bool()), (None, Some(true)));
        assert_eq!(Value::Str("a".into()).as_str(), Some("a"));
        assert!(Value::Int(1).get("a").is_none());
    }
}
