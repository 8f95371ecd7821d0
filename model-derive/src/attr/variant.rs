//! `#[module(...)]` on a variant: always a mistake.

use syn::Attribute;

use super::{Place, items};
use crate::ctxt::Ctxt;
use crate::symbol::RENAME;

/// Reports every key on a variant.
pub fn refuse_on_variant(cx: &Ctxt, attrs: &[Attribute]) {
    for item in items(cx, attrs) {
        if item.key == RENAME {
            let message = "a variant adds nothing to the keys, so there is nothing to rename: remove `rename`, \
                           or write it on a field of the variant";
            cx.error(item.key, message);
        } else {
            item.unknown(cx, Place::Variant);
        }
    }
}
