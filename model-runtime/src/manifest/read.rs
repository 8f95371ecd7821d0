//! From the text of a manifest to its entries.

use indexmap::IndexMap;

use super::Described;
use super::escape::unescape;
use super::line::{self, HEADER, Line};
use crate::checkpoint::ScalarType;
use crate::error::{Error, Result, Unsupported};

/// In place of dtype and shape: a tensor that cannot be read.
pub(super) const UNREADABLE: &str = "unreadable";
/// In place of dtype and shape: no tensor.
pub(super) const OTHER: &str = "other";

pub(super) fn parse(text: &str) -> Result<IndexMap<String, Described>> {
    let bytes = text.as_bytes();
    let mut at = line::body(bytes).map_err(|at| bad(text, at, &format!("`{HEADER}`")))?;
    let mut entries = IndexMap::new();
    loop {
        match line::next(bytes, at) {
            Line::End => return Ok(entries),
            Line::Bad { at, expected } => return Err(bad(text, at, expected)),
            Line::Key { start, end, next } => {
                let key =
                    unescape(&text[start..end]).ok_or_else(|| bad(text, start, "a key as a manifest writes it"))?;
                let rest = text[end..next].trim();
                let described = described(rest).ok_or_else(|| bad(text, start, "a dtype of PyTorch and a shape"))?;
                if entries.insert(key, described).is_some() {
                    return Err(bad(text, start, "each key once"));
                }
                at = next;
            }
        }
    }
}

/// `float32 [2, 3]`, or one word.
fn described(text: &str) -> Option<Described> {
    let Some((dtype, shape)) = text.split_once(' ') else {
        return match text {
            UNREADABLE => Some(Described::Unreadable),
            OTHER => Some(Described::Other),
            _ => None,
        };
    };
    let dtype = ScalarType::ALL.iter().copied().find(|known| known.name() == dtype)?;
    let shape = shape.strip_prefix('[')?.strip_suffix(']')?;
    let shape = match shape {
        "" => Vec::new(),
        shape => shape.split(", ").map(|size| size.parse().ok()).collect::<Option<_>>()?,
    };
    Some(Described::Tensor(dtype, shape))
}

fn bad(text: &str, at: usize, expected: &str) -> Error {
    let number = line::number(text.as_bytes(), at);
    let got: String = text[at..].lines().next().unwrap_or_default().chars().take(80).collect();
    let error = Unsupported::new(format_args!("line {number} of the manifest")).expected(expected);
    error.got(format_args!("`{}`", got.escape_debug())).into()
}
