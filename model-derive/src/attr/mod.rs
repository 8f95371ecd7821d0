//! The attribute `#[module(...)]`: its items, and the set-once cells that they fill.

use std::fmt::Display;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Meta, Token};

use crate::ctxt::Ctxt;
use crate::symbol::{MODULE, Symbol};

mod case;
mod container;
mod field;
mod place;
#[cfg(test)]
mod tests;
mod variant;

pub use case::Case;
pub use container::ContainerAttrs;
pub use field::FieldAttrs;
pub use place::Place;
pub use variant::refuse_on_variant;

/// A key that was set, and where.
pub struct Set<T> {
    /// The key as the user wrote it: where to complain.
    pub key: Ident,
    /// What it was set to.
    pub value: T,
}

/// A key that can be set once.
struct Cell<'c, T> {
    cx: &'c Ctxt,
    name: Symbol,
    set: Option<Set<T>>,
}

impl<'c, T> Cell<'c, T> {
    fn new(cx: &'c Ctxt, name: Symbol) -> Self {
        Self { cx, name, set: None }
    }

    /// Sets the key; complains the second time. A value of `None` was refused, and reported, already.
    fn set(&mut self, key: Ident, value: Option<T>) {
        if self.set.is_some() {
            self.cx.error(key, format_args!("duplicate `{}` attribute", self.name));
        } else if let Some(value) = value {
            self.set = Some(Set { key, value });
        }
    }
}

/// One item of `#[module(...)]`: `key` or `key = value`.
struct Item {
    key: Ident,
    eq: Option<Token![=]>,
    /// All tokens up to the next comma.
    value: TokenStream,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "expected the name of an attribute, as in `#[module(skip)]`")
        })?;
        let eq = input.parse()?;
        let mut value = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            value.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Self { key, eq, value })
    }
}

impl Item {
    /// Checks that the item is nothing but its key.
    fn flag(&self, cx: &Ctxt) -> Option<()> {
        if self.eq.is_none() && self.value.is_empty() {
            return Some(());
        }
        let (eq, value) = (self.eq, &self.value);
        cx.error(quote::quote!(#eq #value), format_args!("`{}` takes no value", self.key));
        None
    }

    /// The value of `key = value`; `form` says in an error what would be right.
    fn value<T: Parse>(&self, cx: &Ctxt, form: impl Display) -> Option<T> {
        let value = self.eq.and_then(|_| syn::parse2(self.value.clone()).ok());
        if value.is_none() {
            if let Some((next, key)) = self.next_without_comma() {
                cx.error(&next, format_args!("expected `,` between `{}` and `{key}`", self.key));
                return None;
            }
            let at = if self.value.is_empty() { self.key.to_token_stream() } else { self.value.clone() };
            cx.error(at, format_args!("expected `{} = {form}`", self.key));
        }
        value
    }

    /// What follows a string without a comma before it: `rename = "a" skip`.
    fn next_without_comma(&self) -> Option<(TokenTree, Ident)> {
        let mut tokens = self.value.clone().into_iter();
        match (self.eq, tokens.next()?, tokens.next()?) {
            (Some(_), TokenTree::Literal(_), TokenTree::Ident(key)) => Some((key.clone().into(), key)),
            _ => None,
        }
    }

    /// Reports a key that does not exist here.
    fn unknown(&self, cx: &Ctxt, place: Place) {
        let (key, name) = (&self.key, place.name());
        if let Some(home) = place.home(key) {
            let article = if matches!(place, Place::Enum) { "an" } else { "a" };
            return cx.error(key, format_args!("`{key}` belongs on {home}, not on {article} {name}"));
        }
        let known: Vec<_> = place.keys().iter().map(|symbol| format!("`{symbol}`")).collect();
        if known.is_empty() {
            return cx.error(key, format_args!("unknown module attribute `{key}`: a {name} takes none"));
        }
        let known = known.join(", ");
        cx.error(key, format_args!("unknown module {name} attribute `{key}`, expected one of {known}"));
    }
}

/// The items of all `#[module(...)]` among `attrs`.
fn items(cx: &Ctxt, attrs: &[Attribute]) -> Vec<Item> {
    let mut items = Vec::new();
    for attr in attrs.iter().filter(|attr| *attr.path() == MODULE) {
        let Meta::List(list) = &attr.meta else {
            cx.error(&attr.meta, "expected a list, `#[module(...)]`");
            continue;
        };
        match list.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated) {
            Ok(parsed) => items.extend(parsed),
            Err(error) => cx.syn_error(error),
        }
    }
    items
}
