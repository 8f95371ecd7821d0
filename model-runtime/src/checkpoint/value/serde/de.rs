//! A value, for a type that asks for its form.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::Mismatch;
use crate::checkpoint::value::{Dict, Opaque, Value};

/// A value that is asked for its form.
#[derive(Clone, Copy)]
pub(super) struct Form<'de>(pub(super) &'de Value);

impl<'de> IntoDeserializer<'de, Mismatch> for Form<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Form<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::None => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => visitor.visit_i64(*value),
            Value::BigInt(value) => match value.as_i128() {
                Some(value) => match u64::try_from(value) {
                    Ok(value) => visitor.visit_u64(value),
                    Err(_) => visitor.visit_i128(value),
                },
                None => Err(Mismatch::custom("an integer of more than 128 bits")),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Complex(re, im) => visitor.visit_seq(SeqDeserializer::new([*re, *im].into_iter())),
            Value::Str(text) | Value::Device(text) => visitor.visit_borrowed_str(text),
            Value::Wtf8(bytes) | Value::Bytes(bytes) | Value::ByteArray(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
                sequence(items, visitor)
            }
            Value::Size(sizes) => visitor.visit_seq(SeqDeserializer::new(sizes.iter().copied())),
            Value::Dtype(dtype) => visitor.visit_borrowed_str(dtype.name()),
            Value::Dict(dict) => map(dict, visitor),
            Value::Opaque(object) if object.unreadable().is_none() => match object.args() {
                Value::None => visitor.visit_borrowed_str(object.global()),
                _ => attributes(object, visitor).map_err(|mismatch| mismatch.of_object(object)),
            },
            Value::Tensor(_) | Value::Storage(_) | Value::Recursive | Value::Unreadable(_) | Value::Opaque(_) => {
                Err(Mismatch::custom(format_args!("{} is no plain data; leave its field out of the type", self.0)))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            // Python writes `lr=1` where it means `1.0`.
            Value::Int(value) => visitor.visit_i64(*value),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Str(text) | Value::Device(text) => visitor.visit_enum(Variant { name: text, value: None }),
            Value::Dtype(dtype) => visitor.visit_enum(Variant { name: dtype.name(), value: None }),
            Value::Dict(dict) => match (dict.len(), dict.iter().next()) {
                (1, Some((Value::Str(name), value))) => visitor.visit_enum(Variant { name, value: Some(value) }),
                _ => Err(Mismatch::custom("a variant is a string, or a dict with its name as the only key")),
            },
            other => Err(Mismatch::custom(format_args!("expected: the name of a variant, got: {}", other.type_name()))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

/// What an object holds: its attributes, its entries or its elements.
fn attributes<'de, V: Visitor<'de>>(object: &'de Opaque, visitor: V) -> Result<V::Value, Mismatch> {
    match object.state() {
        Value::Dict(state) if object.entries().is_empty() => map(state, visitor),
        _ if object.entries().is_empty() && !object.items().is_empty() => sequence(object.items(), visitor),
        _ => map(object.entries(), visitor),
    }
}

/// A list, in which the number of a value that does not fit is named.
fn sequence<'de, V: Visitor<'de>>(items: &'de [Value], visitor: V) -> Result<V::Value, Mismatch> {
    let mut elements = Elements(items.iter().enumerate());
    let value = visitor.visit_seq(&mut elements)?;
    match elements.0.len() {
        0 => Ok(value),
        more => Err(Mismatch::invalid_length(items.len(), &Shorter(items.len().saturating_sub(more)))),
    }
}

struct Elements<'de>(std::iter::Enumerate<std::slice::Iter<'de, Value>>);

impl<'de> serde::de::SeqAccess<'de> for Elements<'de> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let element = |(at, value): (usize, &'de Value)| {
            seed.deserialize(Form(value)).map_err(|mismatch| mismatch.inside(&at.to_string()))
        };
        self.0.next().map(element).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// How many elements a type takes that takes fewer than there are.
struct Shorter(usize);

impl serde::de::Expected for Shorter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            1 => f.write_str("1 element in sequence"),
            more => write!(f, "{more} elements in sequence"),
        }
    }
}

/// A dict, in which the key of a value that does not fit is named.
fn map<'de, V: Visitor<'de>>(dict: &'de Dict, visitor: V) -> Result<V::Value, Mismatch> {
    visitor.visit_map(Entries { entries: dict.iter().collect::<Vec<_>>().into_iter(), current: None })
}

struct Entries<'de> {
    entries: std::vec::IntoIter<(&'de Value, &'de Value)>,
    current: Option<(&'de Value, &'de Value)>,
}

impl<'de> serde::de::MapAccess<'de> for Entries<'de> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        self.current = self.entries.next();
        self.current.map(|(key, _)| seed.deserialize(Form(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let (key, value) =
            self.current.take().ok_or_else(|| Mismatch::custom("a value was asked for before its key"))?;
        let name = || key.as_str().map_or_else(|| key.to_string(), str::to_owned);
        seed.deserialize(Form(value)).map_err(|mismatch| mismatch.inside(&name()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A variant by its name, with what it holds.
struct Variant<'de> {
    name: &'de str,
    value: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mismatch> {
        let name: StrDeserializer<'_, Mismatch> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<&'de Value, Mismatch> {
        self.value.ok_or_else(|| Mismatch::custom(format_args!("the variant `{}` holds nothing here", self.name)))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        match self.value {
            None | Some(Value::None) => Ok(()),
            Some(value) => Err(Mismatch::custom(format_args!("expected: a name alone, got: {}", value.type_name()))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(Form(self.content()?))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        Form(self.content()?).deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Mismatch> {
        Form(self.content()?).deserialize_any(visitor)
    }
}
