//! Values of what can be serialised.

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::Mismatch;
use crate::checkpoint::value::{Dict, Value};

/// Makes a value.
pub(super) struct Serializer;

/// The elements of a list or a tuple, and the variant that holds them.
pub(super) struct Items {
    items: Vec<Value>,
    is_tuple: bool,
    variant: Option<&'static str>,
}

/// The entries of a dict, and the variant that holds it.
pub(super) struct Entries {
    dict: Dict,
    key: Option<Value>,
    variant: Option<&'static str>,
}

type Result<T> = std::result::Result<T, Mismatch>;

/// Methods that convert.
macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Value> {
            Ok(Value::from(value))
        })*
    };
}

impl serde::Serializer for Serializer {
    type Ok = Value;
    type Error = Mismatch;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    plain!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64, serialize_str: &str, serialize_bytes: &[u8]);

    fn serialize_char(self, value: char) -> Result<Value> {
        Ok(Value::from(value.to_string()))
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::None)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::None)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        Ok(held(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items> {
        Ok(Items { items: Vec::new(), is_tuple: false, variant: None })
    }

    fn serialize_tuple(self, _: usize) -> Result<Items> {
        Ok(Items { items: Vec::new(), is_tuple: true, variant: None })
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Items> {
        Ok(Items { items: Vec::new(), is_tuple: true, variant: Some(variant) })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries> {
        Ok(Entries { dict: Dict::default(), key: None, variant: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Entries> {
        Ok(Entries { dict: Dict::default(), key: None, variant: Some(variant) })
    }
}

/// What a variant holds, under its name.
fn held(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::dict([(name, value)]),
        None => value,
    }
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.items.push(value.serialize(Serializer)?);
        Ok(())
    }

    fn finish(self) -> Value {
        held(self.variant, if self.is_tuple { Value::tuple(self.items) } else { Value::list(self.items) })
    }
}

/// The traits that add an element in the same way.
macro_rules! items {
    ($($trait:ident::$method:ident),*) => {
        $(impl $trait for Items {
            type Ok = Value;
            type Error = Mismatch;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.push(value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.finish())
            }
        })*
    };
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

impl Entries {
    fn set<T: Serialize + ?Sized>(&mut self, key: Value, value: &T) -> Result<()> {
        let value = value.serialize(Serializer).map_err(|error| error.inside(key.as_str().unwrap_or("...")))?;
        let unhashable = |key: Value| Mismatch::custom(format_args!("a {} cannot be a key of a dict", key.type_name()));
        self.dict.insert(key, value).map_err(unhashable)
    }

    fn finish(self) -> Value {
        held(self.variant, Value::from(self.dict))
    }
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(key.serialize(Serializer)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self.key.take().ok_or_else(|| Mismatch::custom("a value before its key"))?;
        self.set(key, value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.finish())
    }
}

/// The traits that add a named field in the same way.
macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl $trait for Entries {
            type Ok = Value;
            type Error = Mismatch;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                self.set(Value::from(name), value)
            }

            fn end(self) -> Result<Value> {
                Ok(self.finish())
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);
