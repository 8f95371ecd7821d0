//! An ordered dict with keys of any hashable Python type, compared as Python compares them.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::Value;
use crate::hash::{FastMap, map_of, set_of};

/// Above this many entries a dict looks its keys up in an index; below, comparing them all is faster and smaller.
const INDEXED: usize = 8;
/// Tuples inside each other in a key: keys are compared and dropped by recursion.
const KEY_DEPTH: usize = 16;

/// The entries of a Python dict, in the order of the file.
///
/// A key that is set twice keeps its first place and its last value, and `1`, `1.0` and `True` are one key: as in
/// Python.
#[derive(Clone, Default)]
pub struct Dict {
    entries: Vec<(Value, Value)>,
    index: Option<FastMap<Key, usize>>,
    attributes: Option<Box<Value>>,
    kind: DictKind,
    /// What a `defaultdict` calls for a missing key; it is kept and never called.
    factory: Option<Box<Value>>,
}

/// Which of Python's dicts a [`Dict`] is. They hold the same; Python's code can tell them apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DictKind {
    /// `dict`.
    #[default]
    Plain,
    /// `collections.OrderedDict`, as `state_dict()` returns.
    Ordered,
    /// `collections.Counter`.
    Counter,
    /// `collections.defaultdict`.
    Default,
}

/// What Python's `==` and `hash` see of a key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    None,
    Int(i64),
    /// Little-endian two's complement.
    BigInt(Arc<[u8]>),
    /// Bits of a float that is no integer.
    Float(u64),
    Complex(u64, u64),
    Str(Arc<str>),
    Wtf8(Arc<[u8]>),
    Bytes(Arc<[u8]>),
    Tuple(Arc<[Self]>),
    /// In one order, whatever the file's.
    FrozenSet(Arc<[Self]>),
    Device(Arc<str>),
    Dtype(&'static str),
    /// Objects are equal only to themselves: the address of the shared node.
    Object(usize),
}

impl Dict {
    /// The dict of `entries`; an error holds the first key that no Python dict could have.
    pub(crate) fn from_entries(entries: Vec<(Value, Value)>) -> Result<Self, Value> {
        let mut dict = Self::default();
        dict.entries.reserve(entries.len());
        if entries.len() > INDEXED {
            dict.index = Some(map_of(entries.len()));
        }
        for (name, value) in entries {
            let Some(key) = Key::of(&name, KEY_DEPTH) else { return Err(name) };
            dict.set(key, name, value);
        }
        Ok(dict)
    }

    /// With the attributes that the pickle set on the dict object itself, such as `_metadata`.
    pub(crate) fn with_attributes(mut self, attributes: Option<Value>) -> Self {
        self.attributes = attributes.map(Box::new);
        self
    }

    /// As a dict of this kind.
    pub fn with_kind(mut self, kind: DictKind) -> Self {
        self.kind = kind;
        self
    }

    /// With what a `defaultdict` calls for a missing key.
    pub(crate) fn with_factory(mut self, factory: Option<Value>) -> Self {
        self.factory = factory.map(Box::new);
        self
    }

    /// Which of Python's dicts it is.
    pub fn kind(&self) -> DictKind {
        self.kind
    }

    /// What a `defaultdict` calls for a missing key, as data: a class or function.
    pub fn factory(&self) -> Option<&Value> {
        self.factory.as_deref()
    }

    /// Sets an entry, as `dict[key] = value` does: a key that is there keeps its place.
    ///
    /// # Errors
    ///
    /// Gives the key back if no Python dict can have it: a list, a dict, a set.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Result<(), Value> {
        let name = key.into();
        match Key::of(&name, KEY_DEPTH) {
            Some(key) => self.set(key, name, value.into()),
            None => return Err(name),
        }
        Ok(())
    }

    /// The places of elements that are equal to an earlier one; an error holds the first that no Python set could have.
    pub(crate) fn repeated(elements: &[Value]) -> Result<Vec<usize>, &Value> {
        let mut seen = set_of(elements.len());
        let mut repeated = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            match (Key::of(element, KEY_DEPTH), element) {
                (Some(key), _) => repeated.extend((!seen.insert(key)).then_some(at)),
                // They are equal to themselves only, and come once.
                (None, Value::Recursive | Value::Storage(_) | Value::Unreadable(_)) => {}
                (None, unhashable) => return Err(unhashable),
            }
        }
        Ok(repeated)
    }

    /// As [`insert`](Self::insert), and an unhashable key stays in: saving it is an error that names it.
    pub(super) fn insert_any(&mut self, name: Value, value: Value) {
        match Key::of(&name, KEY_DEPTH) {
            Some(key) => self.set(key, name, value),
            None => self.entries.push((name, value)),
        }
    }

    /// The first key that no Python dict can have.
    pub(crate) fn unhashable_key(&self) -> Option<&Value> {
        self.entries.iter().map(|(name, _)| name).find(|name| Key::of(name, KEY_DEPTH).is_none())
    }

    fn set(&mut self, key: Key, name: Value, value: Value) {
        let known = match &mut self.index {
            None => self.position(&key),
            Some(index) => match index.entry(key) {
                Entry::Occupied(at) => Some(*at.get()),
                Entry::Vacant(place) => {
                    place.insert(self.entries.len());
                    None
                }
            },
        };
        match known.and_then(|at| self.entries.get_mut(at)) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
        if self.index.is_none() && self.entries.len() > INDEXED {
            self.index = Some(self.indexed());
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, in the order of the file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The entry under the string `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        if self.index.is_none() {
            return self.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value);
        }
        self.value_at(self.position(&Key::Str(key.into())))
    }

    /// The entry under the integer `key`.
    pub fn get_int(&self, key: i64) -> Option<&Value> {
        self.value_at(self.position(&Key::Int(key)))
    }

    /// The attributes of the dict object itself (its `__dict__`). The state dict of a module has `_metadata` here.
    pub fn attributes(&self) -> Option<&Value> {
        self.attributes.as_deref()
    }

    fn indexed(&self) -> FastMap<Key, usize> {
        let key = |(at, (name, _)): (usize, &(Value, Value))| Some((Key::of(name, KEY_DEPTH)?, at));
        self.entries.iter().enumerate().filter_map(key).collect()
    }

    fn value_at(&self, at: Option<usize>) -> Option<&Value> {
        self.entries.get(at?).map(|(_, value)| value)
    }

    fn position(&self, key: &Key) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(name, _)| Key::of(name, KEY_DEPTH).as_ref() == Some(key)),
        }
    }

    pub(super) fn take_values(&mut self, pending: &mut Vec<Value>) {
        pending.extend(std::mem::take(&mut self.entries).into_iter().flat_map(|(key, value)| [key, value]));
        pending.extend([self.attributes.take(), self.factory.take()].into_iter().flatten().map(|value| *value));
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.take_values(&mut pending);
        Value::drop_all(pending);
    }
}

impl Key {
    /// `None` for a value that Python cannot hash, and for tuples nested more than `depth` deep.
    fn of(value: &Value, depth: usize) -> Option<Self> {
        Some(match value {
            Value::None => Self::None,
            Value::Bool(value) => Self::Int(i64::from(*value)),
            Value::Int(value) => Self::Int(*value),
            Value::BigInt(value) => Self::BigInt(value.to_le_bytes().into()),
            Value::Float(value) => Self::float(*value),
            Value::Complex(re, im) if *im == 0.0 => Self::float(*re),
            Value::Complex(re, im) => Self::Complex(re.to_bits(), im.to_bits()),
            Value::Str(text) => Self::Str(Arc::clone(text)),
            Value::Wtf8(bytes) => Self::Wtf8(Arc::clone(bytes)),
            Value::Bytes(bytes) => Self::Bytes(Arc::clone(bytes)),
            Value::Tuple(items) => {
                Self::Tuple(items.iter().map(|item| Self::of(item, depth.checked_sub(1)?)).collect::<Option<_>>()?)
            }
            Value::FrozenSet(items) => {
                let depth = depth.checked_sub(1)?;
                let mut keys = items.iter().map(|item| Self::of(item, depth)).collect::<Option<Vec<_>>>()?;
                keys.sort_unstable();
                keys.dedup();
                Self::FrozenSet(keys.into())
            }
            Value::Size(sizes) => {
                Self::Tuple(sizes.iter().map(|size| i64::try_from(*size).ok().map(Self::Int)).collect::<Option<_>>()?)
            }
            Value::Device(device) => Self::Device(Arc::clone(device)),
            Value::Dtype(dtype) => Self::Dtype(dtype.name()),
            Value::Opaque(object) => Self::Object(Arc::as_ptr(object).addr()),
            Value::Tensor(tensor) => Self::Object(Arc::as_ptr(tensor).addr()),
            Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::ByteArray(_) => return None,
            Value::Storage(_) | Value::Recursive | Value::Unreadable(_) => return None,
        })
    }

    fn float(value: f64) -> Self {
        /// Every integral float below is an exact `i64`.
        const EXACT: f64 = 9.0e18;
        match value {
            _ if value.fract() == 0.0 && value.abs() < EXACT => {
                Self::Int(value.to_string().parse().unwrap_or_default())
            }
            _ => Self::Float(value.to_bits()),
        }
    }
}

#[cfg(test)]
mod tests;
