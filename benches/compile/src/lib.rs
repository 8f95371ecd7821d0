//! The expansion of `#[derive(Module)]`, made in this process from the derive's own sources to count its lines.

// What is not called from here is dead code to this crate.
#![allow(dead_code, reason = "the derive is linted where it belongs")]

// The sources name it; here it is never available.
extern crate proc_macro;

use proc_macro2::TokenStream;
use quote::ToTokens;

// Modules of the root, as in `model-derive`.
include!(concat!(env!("OUT_DIR"), "/derive/modules.rs"));

/// The lines of a file of structs, and those of what `#[derive(Module)]` makes of them, formatted.
///
/// # Panics
///
/// `source` is no Rust.
pub fn lines(source: &str) -> (usize, usize) {
    let file = syn::parse_file(source).expect("the generated source is Rust");
    let structs = file.items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(item),
        _ => None,
    });
    let (mut written, mut expanded) = (0, 0);
    for item in structs {
        written += printed(item.to_token_stream());
        expanded += printed(expand::derive(&syn::DeriveInput::from(item.clone())));
    }
    (written, expanded)
}

/// The number of lines of items, formatted.
fn printed(items: TokenStream) -> usize {
    let file = syn::parse2(items).expect("the expansion is Rust");
    prettyplease::unparse(&file).lines().count()
}
