//! The `#[derive(Module)]` macro of `model-runtime`, which re-exports it: use it from there.
//!
//! How a derive becomes code, by file: [`DeriveInput`] -> `ast` (with `attr`, `param`) -> `check` -> `expand`.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod ast;
mod attr;
mod bound;
mod check;
mod ctxt;
mod expand;
mod index;
mod manifest;
mod param;
mod placement;
mod symbol;
mod ty;

#[doc = include_str!("module.md")]
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}

/// `check_manifest!` of the runtime, with the path of the runtime before its arguments.
#[doc(hidden)]
#[proc_macro]
pub fn check_manifest(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as manifest::Checked);
    expand::check_manifest(&input).into()
}
