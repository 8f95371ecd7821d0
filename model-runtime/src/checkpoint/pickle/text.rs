//! The three kinds of text in a pickle: strings, strings of Python 2, and names of globals.

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::value::Value;

/// `module.name`, with the names that Python 2 used for two modules replaced as Python 3 does.
pub(super) fn global_name(module: &[u8], name: &[u8]) -> Result<String> {
    let (Ok(module), Ok(name)) = (std::str::from_utf8(module), std::str::from_utf8(name)) else {
        return Err(CheckpointError::damaged("the name of a global is not UTF-8"));
    };
    let module = match module {
        "__builtin__" => "builtins",
        "copy_reg" => "copyreg",
        other => other,
    };
    Ok([module, ".", name].concat())
}

/// What Python 3 calls the builtins of Python 2, which protocol 2 still names: `NAME_MAPPING` of `_compat_pickle`.
const RENAMED: &[(&str, &str)] = &[
    ("builtins.intern", "sys.intern"),
    ("builtins.long", "builtins.int"),
    ("builtins.reduce", "functools.reduce"),
    ("builtins.unichr", "builtins.chr"),
    ("builtins.unicode", "builtins.str"),
    ("builtins.xrange", "builtins.range"),
];

/// The name that Python 3 has for what [`global_name`] names.
pub(super) fn python_3_name(module: &[u8], name: &[u8]) -> Result<String> {
    let global = global_name(module, name)?;
    let renamed = RENAMED.iter().find(|(old, _)| *old == global);
    Ok(renamed.map_or(global, |(_, new)| (*new).to_owned()))
}

/// A string as Python writes it: UTF-8, in which lone surrogates are encoded as if they were characters.
pub(super) fn string(bytes: &[u8]) -> Result<Value> {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) if rest.len() == bytes.len() => return Ok(Value::Str(text.into())),
            Ok(_) => return Ok(Value::Wtf8(bytes.into())),
            Err(error) => match rest.get(error.valid_up_to()..) {
                Some([0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..]) => rest = after,
                _ => return Err(CheckpointError::damaged("a string is not UTF-8")),
            },
        }
    }
}

/// A string of Python 2: text in the encoding that `torch.load` assumes, bytes otherwise.
pub(super) fn byte_string(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).map_or_else(|_| Value::Bytes(bytes.into()), |text| Value::Str(text.into()))
}
