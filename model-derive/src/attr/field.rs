//! `#[module(...)]` on a field.

use syn::{Attribute, LitBool, LitStr};

use super::{Cell, Place, Set, items};
use crate::ctxt::Ctxt;
use crate::symbol::{FLATTEN, PERSISTENT, RENAME, SKIP};

/// What `#[module(...)]` on a field says.
pub struct FieldAttrs {
    /// `flatten`: adds nothing to the keys.
    pub flatten: Option<Set<()>>,
    /// `persistent = false`: a buffer that is not saved.
    pub persistent: Option<Set<bool>>,
    /// `rename = "key"`: another state-dict key than the field's name.
    pub rename: Option<Set<LitStr>>,
    /// `skip`: no part of the model.
    pub skip: Option<Set<()>>,
}

impl FieldAttrs {
    pub fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut flatten = Cell::new(cx, FLATTEN);
        let mut persistent = Cell::new(cx, PERSISTENT);
        let mut rename = Cell::new(cx, RENAME);
        let mut skip = Cell::new(cx, SKIP);
        for item in items(cx, attrs) {
            if item.key == FLATTEN {
                let value = item.flag(cx);
                flatten.set(item.key, value);
            } else if item.key == PERSISTENT {
                let value = item.value(cx, "false").map(|value: LitBool| value.value);
                persistent.set(item.key, value);
            } else if item.key == RENAME {
                let value = item.value(cx, "\"key\"").and_then(|value| key(cx, value));
                rename.set(item.key, value);
            } else if item.key == SKIP {
                let value = item.flag(cx);
                skip.set(item.key, value);
            } else {
                item.unknown(cx, Place::Field);
            }
        }
        Self { flatten: flatten.set, persistent: persistent.set, rename: rename.set, skip: skip.set }
    }
}

/// A string that can be one part of a state-dict key.
fn key(cx: &Ctxt, value: LitStr) -> Option<LitStr> {
    let text = value.value();
    if text.is_empty() {
        cx.error(value, "a state-dict key cannot be empty");
        return None;
    }
    if text.contains('.') {
        cx.error(
            value,
            "a `.` in a state-dict key stands for a nested module: \
             give the field one name, in a struct that is itself a field under the name before the `.`",
        );
        return None;
    }
    Some(value)
}
