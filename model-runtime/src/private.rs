//! Not public API: what the code that `#[derive(Module)]` and this crate's macros generate is allowed to name.

pub use std::clone::Clone;
pub use std::include_str;
pub use std::primitive::{str, u8};
pub use std::result::Result::{Err, Ok};

pub use crate::device::{Slot, Tag, Then, not_compiled_in, not_dispatched};
pub use crate::manifest::compile::{Message, check, nodes};
pub use crate::module::HasData;
pub use crate::module::field::Transient;
pub use crate::module::keys::{Keys, Part};
pub use crate::module::walk::{Relocate, Walk, WalkMut};
pub use crate::with::Convert;
pub use model_derive::check_manifest;

/// The body of the methods that stand in for those of a struct with mistakes: the mistakes are errors, so it never runs.
pub fn refused() -> ! {
    unreachable!("`#[derive(Module)]` has reported an error")
}
