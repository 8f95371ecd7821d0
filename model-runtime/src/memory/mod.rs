//! Memory that Rust's types cannot vouch for: all `unsafe` code of the crate, behind safe functions.

mod huge_pages;
mod positional;
mod uninit;

pub(crate) use positional::read_exact_at;
pub(crate) use uninit::{Part, Uninit, zeroed};
