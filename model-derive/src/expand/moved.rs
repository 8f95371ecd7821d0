//! The types that a struct has once it has moved, and the placements that say where to.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericParam, WherePredicate};

use crate::ast::{Container, Field};
use crate::param::{self, Kind, Param};
use crate::placement;

/// The associated types of the `Module` impl.
///
/// ```text
/// type On<__P: _rt::Placement> = Net<<__P as _rt::Placement>::First>;
/// type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
/// ```
pub fn types(model: &Container<'_>) -> TokenStream {
    let ident = model.ident;
    let moving: Vec<_> = model.params.moving().collect();
    let arguments = (!model.generics.params.is_empty()).then(|| arguments(model, |_| true));
    let after = from(&moving, moving.len());
    quote! {
        type On<__P: _rt::Placement> = #ident #arguments;
        type After<__P: _rt::Placement> = #after;
    }
}

/// The generic arguments of the moved struct for the parameters that `is_named`, `<<__P as _rt::Placement>::First>`.
fn arguments(model: &Container<'_>, is_named: impl Fn(&GenericParam) -> bool) -> TokenStream {
    let moving: Vec<_> = model.params.moving().collect();
    let params = model.generics.params.iter().filter(|param| is_named(param));
    let arguments = params.map(|param| match param {
        GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
        GenericParam::Type(param) => {
            let position = moving.iter().position(|moving| *moving.ident == param.ident);
            position.map_or_else(|| param.ident.to_token_stream(), |position| image(&moving, position))
        }
    });
    quote!(<#(#arguments),*>)
}

/// The generic arguments of the literal that makes the moved struct, `::<<__P as _rt::Placement>::First>`.
///
/// Mostly the compiler infers them. It would infer the wrong ones from a where-clause on a type that the struct's own
/// parameters are part of: for `where Linear<D>: Clone` it takes `D`, the only device that it knows this of.
pub fn turbofish(model: &Container<'_>) -> Option<TokenStream> {
    let is_compound = |predicate: &WherePredicate| match predicate {
        WherePredicate::Type(predicate) => {
            model.params.iter().all(|param| !param::is_ident(&predicate.bounded_ty, param.ident))
        }
        _ => false,
    };
    let clause = model.generics.where_clause.as_ref()?;
    // The compiler refuses lifetimes on the path of a variant.
    if model.generics.lifetimes().next().is_some() {
        return None;
    }
    clause.predicates.iter().any(is_compound).then(|| {
        let arguments = arguments(model, |_| true);
        quote!(::#arguments)
    })
}

/// The placement of a field.
pub fn placement(model: &Container<'_>, field: &Field<'_>) -> TokenStream {
    let moving: Vec<_> = model.params.moving().collect();
    let placement =
        placement::of(&moving, &model.mentioned(field)).expect("`check` refuses fields that cannot be placed");
    let rest = placement.rest.map(|position| from(&moving, position));
    let devices = placement.devices.iter().rev().map(|position| image(&moving, *position));
    // From the right: the last device stands for all that may come after it.
    let placement = rest.into_iter().chain(devices).reduce(|tail, device| quote!(_rt::__private::Then<#device, #tail>));
    placement.expect("a placement has a device or a rest")
}

/// What the moving parameter at `position` becomes.
fn image(moving: &[&Param<'_>], position: usize) -> TokenStream {
    let placement = from(moving, position);
    let ident = moving[position].ident;
    match moving[position].kind {
        Kind::Device => quote!(<#placement as _rt::Placement>::First),
        Kind::Module | Kind::Other => quote!(<#ident as _rt::Module>::On<#placement>),
    }
}

/// What is left of `__P` for the moving parameters from `position` on.
fn from(moving: &[&Param<'_>], position: usize) -> TokenStream {
    moving[..position].iter().fold(quote!(__P), |placement, param| {
        let ident = param.ident;
        match param.kind {
            Kind::Device => quote!(<#placement as _rt::Placement>::Rest),
            Kind::Module | Kind::Other => quote!(<#ident as _rt::Module>::After<#placement>),
        }
    })
}
