//! Which values of a tree are one object in Python, so that a pickle has them once.

use std::sync::Arc;

use crate::checkpoint::pickle::Identity;
use crate::checkpoint::value::Value;

/// What makes the value one object in Python.
pub(super) fn identity(value: &Value) -> Option<Identity> {
    let object = |sort, address| Some(Identity::Object(sort, address));
    match value {
        Value::Str(text) => match &**text {
            // The constants of torch's own code, which Python interns: equal ones elsewhere are the same object.
            "storage" | "cpu" | "mps" | "meta" | "latin1" => Some(Identity::Text((&**text).into())),
            _ => object("str", Arc::as_ptr(text).addr()),
        },
        Value::Wtf8(bytes) => object("str", Arc::as_ptr(bytes).addr()),
        Value::Bytes(bytes) => object("bytes", Arc::as_ptr(bytes).addr()),
        Value::ByteArray(bytes) => object("bytearray", Arc::as_ptr(bytes).addr()),
        Value::List(items) => object("list", Arc::as_ptr(items).addr()),
        Value::Tuple(items) if !items.is_empty() => object("tuple", Arc::as_ptr(items).addr()),
        Value::Set(items) => object("set", Arc::as_ptr(items).addr()),
        Value::FrozenSet(items) => object("frozenset", Arc::as_ptr(items).addr()),
        Value::Dict(dict) => object("dict", Arc::as_ptr(dict).addr()),
        Value::Tensor(tensor) => object("tensor", Arc::as_ptr(tensor).addr()),
        Value::Size(sizes) => object("size", Arc::as_ptr(sizes).addr()),
        Value::Device(device) => object("device", Arc::as_ptr(device).addr()),
        Value::Opaque(opaque) if !opaque.args().is_none() => object("object", Arc::as_ptr(opaque).addr()),
        _ => None,
    }
}
