//! A short text for a value, whatever its size: for messages, logs and the debugger.

use std::fmt::{self, Write};

use super::{Dict, Items, Opaque, Value};
use crate::checkpoint::error::clip;
use crate::checkpoint::tensor::TensorInfo;

/// Containers inside each other before `...`.
const DEPTH: usize = 4;
/// Elements of a container before `...`.
const LENGTH: usize = 8;
/// Bytes of one string.
const TEXT: usize = 60;

/// One line like `{"epoch": 3, "model": {"fc.weight": tensor(float32, [10, 4]), ...}}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, self, DEPTH)
    }
}

/// The summary that `Display` prints.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, self, DEPTH)
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, "[", self, "]", DEPTH)
    }
}

impl fmt::Debug for Dict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_dict(f, self, DEPTH)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_opaque(f, self, DEPTH)
    }
}

/// `tensor(float32, [10, 4])`.
impl fmt::Display for TensorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tensor({}, {:?})", self.dtype(), self.shape())
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, value: &Value, depth: usize) -> fmt::Result {
    match value {
        Value::None => f.write_str("None"),
        Value::Bool(true) => f.write_str("True"),
        Value::Bool(false) => f.write_str("False"),
        Value::Int(value) => write!(f, "{value}"),
        Value::BigInt(value) => write!(f, "{value}"),
        Value::Float(value) => write!(f, "{value:?}"),
        Value::Complex(re, im) => write!(f, "({re:?}{im:+?}j)"),
        Value::Str(text) => write!(f, "\"{}\"", clip(text, TEXT)),
        Value::Wtf8(bytes) => write!(f, "\"{}\"", clip(&String::from_utf8_lossy(bytes), TEXT)),
        Value::Bytes(bytes) | Value::ByteArray(bytes) => write!(f, "<{} bytes>", bytes.len()),
        Value::List(items) => write_items(f, "[", items, "]", depth),
        Value::Tuple(items) => write_items(f, "(", items, ")", depth),
        Value::Set(items) | Value::FrozenSet(items) => write_items(f, "{", items, "}", depth),
        Value::Dict(dict) => write_dict(f, dict, depth),
        Value::Tensor(tensor) => write!(f, "{tensor}"),
        Value::Storage(view) => write!(f, "storage({} bytes)", view.nbytes()),
        Value::Size(sizes) => write!(f, "torch.Size({sizes:?})"),
        Value::Device(device) => write!(f, "device(\"{}\")", clip(device, TEXT)),
        Value::Dtype(dtype) => write!(f, "torch.{dtype}"),
        Value::Opaque(opaque) => write_opaque(f, opaque, depth),
        Value::Recursive => f.write_str("<itself>"),
        Value::Unreadable(reason) => write!(f, "<unreadable: {}>", clip(reason, 2 * TEXT)),
    }
}

fn write_items(f: &mut fmt::Formatter<'_>, open: &str, items: &[Value], close: &str, depth: usize) -> fmt::Result {
    f.write_str(open)?;
    write_list(f, items.iter(), depth, write_value)?;
    f.write_str(close)
}

fn write_dict(f: &mut fmt::Formatter<'_>, dict: &Dict, depth: usize) -> fmt::Result {
    f.write_char('{')?;
    write_list(f, dict.iter(), depth, |f, (key, value), depth| {
        write_value(f, key, depth)?;
        f.write_str(": ")?;
        write_value(f, value, depth)
    })?;
    f.write_char('}')
}

fn write_opaque(f: &mut fmt::Formatter<'_>, opaque: &Opaque, depth: usize) -> fmt::Result {
    if let Some(reason) = opaque.unreadable() {
        return write!(f, "<unreadable: {}>", clip(reason, 2 * TEXT));
    }
    let call = if opaque.args().is_none() { "" } else { "(...)" };
    write!(f, "<{}{call}", clip(opaque.global(), TEXT))?;
    if !opaque.state().is_none() {
        f.write_char(' ')?;
        if depth == 0 { f.write_str("...")? } else { write_value(f, opaque.state(), depth - 1)? }
    }
    f.write_char('>')
}

/// Writes the first elements with commas between them, and `...` for what is left out.
fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    items: impl ExactSizeIterator<Item = T>,
    depth: usize,
    write: impl Fn(&mut fmt::Formatter<'_>, T, usize) -> fmt::Result,
) -> fmt::Result {
    let shown = if depth == 0 { 0 } else { LENGTH };
    let more = items.len() > shown;
    for (i, item) in items.take(shown).enumerate() {
        f.write_str(if i == 0 { "" } else { ", " })?;
        write(f, item, depth - 1)?;
    }
    match (more, shown) {
        (false, _) => Ok(()),
        (true, 0) => f.write_str("..."),
        (true, _) => f.write_str(", ..."),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_summary_is_short_and_printable() {
        let long = Value::List(Arc::new((0..100).map(Value::Int).collect::<Vec<_>>().into()));
        let entries = vec![(Value::Str("a\n\u{7}".into()), long), (Value::Int(1), Value::Float(1.0))];
        let dict = Value::Dict(Arc::new(Dict::from_entries(entries).unwrap()));
        assert_eq!(dict.to_string(), "{\"a\\n\\u{7}\": [0, 1, 2, 3, 4, 5, 6, 7, ...], 1: 1.0}");
    }

    #[test]
    fn an_object_shows_its_class_and_state() {
        let mut opaque = Opaque::class("a.B".into());
        opaque.state = Value::Int(2);
        assert_eq!(Value::Opaque(Arc::new(opaque)).to_string(), "<a.B 2>");
    }
}
