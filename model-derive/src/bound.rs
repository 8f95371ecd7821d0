//! The bounds of the generated impls.

use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Generics, WherePredicate, parse_quote};

use crate::ast::Container;
use crate::param::Kind;

/// The generics of the `Module` impl: those of the type, and that skipped fields can be cloned or what the user
/// writes in place of that.
///
/// Bounds are only written for types that mention a type parameter: of the others the compiler knows what holds. The
/// fields that are part of the model need none, since `D: Device` and `M: Module` are all that their impls ask for.
pub fn module(model: &Container<'_>) -> Generics {
    if let Some(bound) = &model.attrs.bound {
        return with(model.generics.clone(), bound.value.predicates.iter().cloned());
    }
    let skipped = model.fields().filter(|field| !field.is_walked());
    let skipped = skipped.filter(|field| !model.mentioned(field).is_empty());
    let predicates = skipped.map(|field| {
        let ty = field.ty;
        let predicate = quote_spanned!(ty.span()=> #ty: _rt::__private::Clone);
        parse_quote!(#predicate)
    });
    with(model.generics.clone(), predicates)
}

/// The generics of the `HasData` impl: those of the `Module` impl, and that every part has its data.
pub fn has_data(model: &Container<'_>, module: Generics) -> Generics {
    let predicates = model.params.moving().map(|param| {
        let ident = param.ident;
        match param.kind {
            Kind::Device => parse_quote!(#ident: _rt::Compute),
            Kind::Module | Kind::Other => parse_quote!(#ident: _rt::Loaded),
        }
    });
    with(module, predicates)
}

fn with(mut generics: Generics, predicates: impl Iterator<Item = WherePredicate>) -> Generics {
    let mut predicates = predicates.peekable();
    if predicates.peek().is_some() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics
}
