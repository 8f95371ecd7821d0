//! Dicts, sets, bytes and the other plain values that Python pickles as calls.

use std::sync::Arc;

use super::wrong_arguments;
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::pickle::{Call, dict as dict_of, distinct};
use crate::checkpoint::value::{DictKind, Items, Value};

/// Bytes of the text of a device, in a message.
const MAX_DEVICE: usize = 40;

/// `OrderedDict()`, `OrderedDict([[k, v], ...])`, `Counter({...})`, `defaultdict(factory)`, and what is set in them.
pub(super) fn dict(call: Call) -> Result<Value> {
    let Call { global, args, kwargs, items, entries, states, .. } = call;
    if !items.is_empty() || kwargs.is_some() {
        return Err(CheckpointError::damaged(format_args!("a `{global}` is appended to")));
    }
    let mut all = match &**args {
        [] => Vec::new(),
        [_factory] if &*global == "collections.defaultdict" => Vec::new(),
        [Value::Dict(dict)] => dict.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        [Value::List(pairs)] => {
            pairs.iter().map(pair).collect::<Option<_>>().ok_or_else(|| wrong_arguments("pairs", &args))?
        }
        other => return Err(wrong_arguments("pairs", other)),
    };
    all.extend(entries);
    let attributes = match states.as_slice() {
        [] | [Value::None] => None,
        [state @ Value::Dict(_)] => Some(state.clone()),
        other => {
            return Err(CheckpointError::damaged(format_args!(
                "a `{global}` is given a state that is no dict of attributes"
            ))
            .got(other.len()));
        }
    };
    let kind = match &*global {
        "collections.Counter" => DictKind::Counter,
        "collections.defaultdict" => DictKind::Default,
        _ => DictKind::Ordered,
    };
    let factory = if kind == DictKind::Default { args.first().cloned() } else { None };
    Ok(Value::Dict(Arc::new(dict_of(all)?.with_attributes(attributes).with_kind(kind).with_factory(factory))))
}

fn pair(value: &Value) -> Option<(Value, Value)> {
    match value.as_list()? {
        [key, value] => Some((key.clone(), value.clone())),
        _ => None,
    }
}

/// `set([...])`.
pub(super) fn set(call: &Call) -> Result<Arc<Items>> {
    match &**call.args {
        [] => Ok(Arc::default()),
        [Value::List(items) | Value::Tuple(items)] => distinct(Arc::clone(items)),
        other => Err(wrong_arguments("list", other)),
    }
}

/// `complex(re, im)`.
pub(super) fn complex(call: &Call) -> Result<Value> {
    match &**call.args {
        [Value::Float(re), Value::Float(im)] => Ok(Value::Complex(*re, *im)),
        other => Err(wrong_arguments("float, float", other)),
    }
}

/// `bytes()`, `bytearray(b"...")`, `bytearray("...", "latin-1")`.
pub(super) fn bytes(call: &Call) -> Result<Arc<[u8]>> {
    match &**call.args {
        [] => Ok(Arc::default()),
        [Value::Bytes(bytes)] => Ok(Arc::clone(bytes)),
        [Value::Str(_), Value::Str(_)] => encode(call),
        other => Err(wrong_arguments("bytes", other)),
    }
}

/// `_codecs.encode("...", "latin1")`: how protocol 2 writes bytes.
pub(super) fn encode(call: &Call) -> Result<Arc<[u8]>> {
    let (text, encoding) = match &**call.args {
        [Value::Str(text), Value::Str(encoding)] => (text, encoding),
        other => return Err(wrong_arguments("str, encoding", other)),
    };
    match &**encoding {
        "latin1" | "latin-1" => {
            let bytes = text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Arc<[u8]>>>();
            bytes.ok_or_else(|| CheckpointError::damaged("bytes are written as text that is not latin-1"))
        }
        "utf-8" | "utf8" => Ok(text.as_bytes().into()),
        other => Err(CheckpointError::unsupported("bytes in this encoding").expected("latin1").got(other)),
    }
}

/// `torch.Size((2, 3))`.
pub(super) fn size(call: &Call) -> Result<Value> {
    match &**call.args {
        [sizes] => super::tensor::sizes(sizes).map(|sizes| Value::Size(sizes.into())),
        other => Err(wrong_arguments("tuple", other)),
    }
}

/// `torch.device("cuda", 1)`, `torch.device("cuda:1")`.
pub(super) fn device(call: &Call) -> Result<Value> {
    let text: Arc<str> = match &**call.args {
        [Value::Str(text)] => Arc::clone(text),
        [Value::Str(kind), Value::Int(index)] => format!("{kind}:{index}").into(),
        other => return Err(wrong_arguments("str, int", other)),
    };
    if is_device(&text) {
        return Ok(Value::Device(text));
    }
    Err(CheckpointError::damaged("this is no device")
        .expected("words of a to z with `_` between them, and `:` and a number up to 127 if it has one")
        .got(format_args!("`{}`", clip(&text, MAX_DEVICE))))
}

/// Whether `torch.device` takes the text, as far as its form goes.
fn is_device(text: &str) -> bool {
    let (kind, index) = text.split_once(':').map_or((text, None), |(kind, index)| (kind, Some(index)));
    let is_index = |index: &str| index.parse::<i8>().is_ok_and(|number| number >= 0 && number.to_string() == index);
    kind.split('_').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && index.is_none_or(is_index)
}

/// Functions that only annotate a value for TorchScript.
pub(super) fn first_argument(call: &Call) -> Result<Value> {
    call.args.first().cloned().ok_or_else(|| wrong_arguments("value", &call.args))
}
