//! The body of a walk: the fields of a struct one after the other, or a `match` over the variants of an enum.

use proc_macro2::TokenStream;
use quote::quote;

use super::moved;
use crate::ast::{Container, Data, Field, Variant};

/// The statements that `visit` makes of the fields that are part of the model.
///
/// ```text
/// match self {
///     Norm::Layer { 0: __field0, .. } => { <LayerNorm<D> as _rt::Module>::walk(&(*__field0), __walk); }
///     Norm::None { .. } => {}
/// }
/// ```
pub fn statements(model: &Container<'_>, visit: impl Fn(&Field<'_>) -> TokenStream) -> TokenStream {
    let statements = |fields: &[Field<'_>]| {
        let visits = fields.iter().filter(|field| field.is_walked()).map(&visit);
        quote!(#(#visits;)*)
    };
    match &model.data {
        Data::Struct(fields) => statements(fields),
        Data::Enum(variants) => matched(model, variants, |variant| {
            let body = statements(&variant.fields);
            quote!({ #body })
        }),
    }
}

/// The struct, or the same variant of the enum, with what `value` makes of each field.
///
/// ```text
/// match self {
///     Norm::Layer { 0: __field0, .. } => Norm::Layer { 0: ... },
///     Norm::None { .. } => Norm::None {},
/// }
/// ```
pub fn rebuilt(model: &Container<'_>, value: impl Fn(&Field<'_>) -> TokenStream) -> TokenStream {
    let (ident, turbofish) = (model.ident, moved::turbofish(model));
    let values = |fields: &[Field<'_>]| {
        let members = fields.iter().map(|field| &field.member);
        let values = fields.iter().map(&value);
        quote!({ #(#members: #values),* })
    };
    match &model.data {
        Data::Struct(fields) => {
            let values = values(fields);
            quote!(#ident #turbofish #values)
        }
        Data::Enum(variants) => matched(model, variants, |variant| {
            let (variant, values) = (variant.ident, values(&variant.fields));
            quote!(#ident #turbofish::#variant #values)
        }),
    }
}

fn matched(model: &Container<'_>, variants: &[Variant<'_>], arm: impl Fn(&Variant<'_>) -> TokenStream) -> TokenStream {
    if variants.is_empty() {
        // A reference always has a value, for all that the compiler knows.
        return quote!(match *self {});
    }
    let ident = model.ident;
    let arms = variants.iter().map(|variant| {
        let members = variant.fields.iter().map(|field| &field.member);
        let bindings = variant.fields.iter().map(|field| &field.binding);
        let (variant, arm) = (variant.ident, arm(variant));
        quote!(#ident::#variant { #(#members: #bindings),* } => #arm)
    });
    quote!(match self { #(#arms,)* })
}
