//! Values made in Rust: conversions from Rust's own types, and dicts, lists and tuples of them.

use std::sync::Arc;

use super::{BigInt, Dict, DictKind, Value};

impl Value {
    /// A dict, in the order of `entries`. A key that comes twice keeps its first place and takes its last value. One that
    /// Python cannot hash (a list, a dict, a set, a tensor) makes saving the dict an error.
    ///
    /// ```
    /// use model_runtime::checkpoint::Value;
    ///
    /// let checkpoint = Value::dict([("epoch", Value::from(3)), ("loss", Value::from(0.5))]);
    /// assert_eq!(checkpoint.get("epoch").and_then(Value::as_int), Some(3));
    /// ```
    pub fn dict<K: Into<Self>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Dict(Arc::new(dict(entries, DictKind::Plain)))
    }

    /// A `collections.OrderedDict`; else as [`Value::dict`].
    pub fn ordered_dict<K: Into<Self>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Dict(Arc::new(dict(entries, DictKind::Ordered)))
    }

    /// A list.
    ///
    /// ```
    /// use model_runtime::checkpoint::Value;
    ///
    /// assert_eq!(Value::list([1, 2]).as_list().map(<[_]>::len), Some(2));
    /// ```
    pub fn list<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::List(Arc::new(items.into_iter().map(Into::into).collect::<Vec<_>>().into()))
    }

    /// A tuple.
    pub fn tuple<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::Tuple(Arc::new(items.into_iter().map(Into::into).collect::<Vec<_>>().into()))
    }
}

fn dict<K: Into<Value>, V: Into<Value>>(entries: impl IntoIterator<Item = (K, V)>, kind: DictKind) -> Dict {
    let mut dict = Dict::default().with_kind(kind);
    for (key, value) in entries {
        dict.insert_any(key.into(), value.into());
    }
    dict
}

/// Conversions that keep the value as it is.
macro_rules! from {
    ($($from:ty => |$value:ident| $into:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $into
            }
        })*
    };
}

from! {
    bool => |value| Self::Bool(value);
    i64 => |value| Self::Int(value);
    i32 => |value| Self::Int(value.into());
    i16 => |value| Self::Int(value.into());
    i8 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    u16 => |value| Self::Int(value.into());
    u8 => |value| Self::Int(value.into());
    u64 => |value| Self::from(i128::from(value));
    usize => |value| i128::try_from(value).map_or(Self::None, Self::from);
    i128 => |value| BigInt::parse(&value.to_le_bytes()).map_or_else(Self::BigInt, Self::Int);
    f64 => |value| Self::Float(value);
    f32 => |value| Self::Float(value.into());
    &str => |value| Self::Str(value.into());
    String => |value| Self::Str(value.into());
    &String => |value| Self::Str(value.as_str().into());
    &[u8] => |value| Self::Bytes(value.into());
    () => |_value| Self::None;
    Dict => |value| Self::Dict(Arc::new(value));
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::list(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_every_bit() {
        assert_eq!(Value::from(-1i8).as_int(), Some(-1));
        assert_eq!(Value::from(u64::MAX).to_string(), u64::MAX.to_string());
        assert_eq!(Value::from(i128::MIN).to_string(), i128::MIN.to_string());
    }

    #[test]
    fn a_dict_is_built_like_pythons() {
        let dict = Value::dict([("a", Value::from(1)), ("b", Value::None), ("a", Value::from("last"))]);
        assert_eq!(dict.to_string(), r#"{"a": "last", "b": None}"#);
        let unhashable = Value::dict([(Value::list([1]), 1)]);
        assert!(unhashable.as_dict().is_some_and(|dict| dict.unhashable_key().is_some()));
        let many = Value::dict((0..100).map(|i| (i % 50, i)));
        assert_eq!(many.as_dict().map(Dict::len), Some(50));
        assert_eq!(many.as_dict().and_then(|dict| dict.get_int(7)).and_then(Value::as_int), Some(57));
    }
}
