//! `#[module(...)]` on a struct.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Path, Token, parenthesized, token};

use super::{Cell, Set, items};
use crate::ctxt::Ctxt;
use crate::symbol::{CRATE, DEVICE, ON_FIELD, ON_STRUCT};

/// What `#[module(...)]` on a struct says.
pub struct ContainerAttrs {
    /// `crate = path`: where the runtime is, if not at `::model_runtime`.
    pub runtime: Option<Set<Path>>,
    /// `device = D`: type parameters that are devices, in addition to those that their bounds show.
    pub devices: Vec<Ident>,
}

impl ContainerAttrs {
    pub fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut runtime = Cell::new(cx, CRATE);
        let mut devices = Cell::new(cx, DEVICE);
        for item in items(cx, attrs) {
            if item.key == CRATE {
                let value = item.value(cx, "path::to::model_runtime").map(|ModPath(path)| path);
                runtime.set(item.key, value);
            } else if item.key == DEVICE {
                let value = item.value(cx, "D` or `device = (A, B)").map(|Names(names)| names);
                devices.set(item.key, value);
            } else {
                item.unknown(cx, ["struct", "field"], &ON_STRUCT, &ON_FIELD);
            }
        }
        Self { runtime: runtime.set, devices: devices.set.map_or_else(Vec::new, |set| set.value) }
    }
}

/// A path as `use` takes it.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Path::parse_mod_style).map(Self)
    }
}

/// `D`, or `(A, B)`: as many names as a placement has devices.
struct Names(Vec<Ident>);

impl Parse for Names {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Paren) {
            return Ok(Self(vec![input.parse()?]));
        }
        let names;
        parenthesized!(names in input);
        let names = names.parse_terminated(Ident::parse, Token![,]).map(Punctuated::into_iter)?;
        Ok(Self(names.collect()))
    }
}
