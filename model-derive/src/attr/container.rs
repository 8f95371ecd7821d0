//! `#[module(...)]` on a struct or an enum.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Path, Token, WherePredicate, parenthesized, token};

use super::{Case, Cell, Place, Set, items};
use crate::ctxt::Ctxt;
use crate::symbol::{BOUND, CRATE, DEVICE, MANIFEST, RENAME_ALL, TRANSPARENT};

/// What `#[module(...)]` on a struct or an enum says.
pub struct ContainerAttrs {
    /// `bound = "T: Clone"`: the bounds of the impls, in place of those of the skipped fields.
    pub bound: Option<Set<Bound>>,
    /// `crate = path`: where the runtime is, if not at `::model_runtime`.
    pub runtime: Option<Set<Path>>,
    /// `device = D`: type parameters that are devices, in addition to those that their bounds show.
    pub devices: Vec<Ident>,
    /// `manifest = "net.manifest"`: the file that its keys are compared with.
    pub manifest: Option<Set<LitStr>>,
    /// `rename_all = "camelCase"`: how the names of the fields become keys.
    pub rename_all: Option<Set<Case>>,
    /// `transparent`: the one field adds nothing to the keys.
    pub transparent: Option<Set<()>>,
}

impl ContainerAttrs {
    pub fn parse(cx: &Ctxt, attrs: &[Attribute], place: Place) -> Self {
        let mut bound = Cell::new(cx, BOUND);
        let mut runtime = Cell::new(cx, CRATE);
        let mut devices = Cell::new(cx, DEVICE);
        let mut manifest = Cell::new(cx, MANIFEST);
        let mut rename_all = Cell::new(cx, RENAME_ALL);
        let mut transparent = Cell::new(cx, TRANSPARENT);
        for item in items(cx, attrs) {
            if item.key == BOUND {
                let value = item.value(cx, "\"T: Clone\"").and_then(|value| Bound::parse(cx, value));
                bound.set(item.key, value);
            } else if item.key == CRATE {
                let value = item.value(cx, "path::to::model_runtime").map(|ModPath(path)| path);
                runtime.set(item.key, value);
            } else if item.key == DEVICE {
                let value = item.value(cx, "D` or `device = (A, B)").map(|Names(names)| names);
                devices.set(item.key, value);
            } else if item.key == MANIFEST {
                let value = item.value(cx, "\"net.manifest\"");
                manifest.set(item.key, value);
            } else if item.key == RENAME_ALL {
                let value = item.value(cx, "\"camelCase\"").and_then(|value| Case::parse(cx, value));
                rename_all.set(item.key, value);
            } else if item.key == TRANSPARENT {
                let value = item.flag(cx);
                transparent.set(item.key, value);
            } else {
                item.unknown(cx, place);
            }
        }
        Self {
            bound: bound.set,
            runtime: runtime.set,
            devices: devices.set.map_or_else(Vec::new, |set| set.value),
            manifest: manifest.set,
            rename_all: rename_all.set,
            transparent: transparent.set,
        }
    }
}

/// A where-clause in a string, without its `where`.
pub struct Bound {
    /// Where to complain.
    pub text: LitStr,
    /// Its predicates.
    pub predicates: Vec<WherePredicate>,
}

impl Bound {
    fn parse(cx: &Ctxt, text: LitStr) -> Option<Self> {
        // Where the string is, but as tokens of the derive: the compiler would offer to write code into the string.
        let mut located = text.clone();
        located.set_span(Span::call_site().located_at(text.span()));
        let Ok(predicates) = located.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated) else {
            cx.error(text, "expected what a where-clause takes, in a string: `bound = \"T: Clone, U: Clone\"`");
            return None;
        };
        Some(Self { text, predicates: predicates.into_iter().collect() })
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
