//! The keys of the struct, known while the program compiles.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use super::visit::{ends, until};
use crate::ast::{Container, Data, Field};
use crate::ty;

/// The associated constant `KEYS`.
///
/// ```text
/// const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(&[
///     _rt::__private::Part { names: &["fc1"], keys: <<Linear<D> as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS },
/// ]);
/// ```
pub fn keys(model: &Container<'_>) -> TokenStream {
    if model.params.moving().next().is_none() {
        // What is on no device has no tensors. The compiler evaluates the constants of types without parameters whether
        // they are used or not, and those of two types that contain each other would be a cycle.
        return quote!(
            const KEYS: _rt::__private::Keys = _rt::__private::Keys::None;
        );
    }
    let keys = match &model.data {
        Data::Struct(fields) => parts(model, fields),
        Data::Enum(variants) => {
            let variants = variants.iter().map(|variant| {
                let (name, parts) = (variant.ident.unraw().to_string(), parts(model, &variant.fields));
                quote!((#name, #parts))
            });
            quote!(_rt::__private::Keys::OneOf(&[#(#variants),*]))
        }
    };
    quote!(const KEYS: _rt::__private::Keys = #keys;)
}

/// The keys of fields that are there together.
fn parts(model: &Container<'_>, fields: &[Field<'_>]) -> TokenStream {
    let parts = fields.iter().filter(|field| field.is_walked()).map(|field| {
        let aliases = field.attrs.aliases.iter().map(|set| set.value.value());
        let names = field.key.iter().cloned().chain(aliases);
        let mut keys = of_field(model, field);
        if field.attrs.default.is_some() || field.attrs.tied.is_some() {
            keys = quote!(_rt::__private::Keys::Lenient(&#keys));
        }
        quote!(_rt::__private::Part { names: &[#(#names),*], keys: #keys })
    });
    quote!(_rt::__private::Keys::Parts(&[#(#parts),*]))
}

fn of_field(model: &Container<'_>, field: &Field<'_>) -> TokenStream {
    if field.is_transient() {
        return quote!(_rt::__private::Keys::None);
    }
    if field.attrs.with.is_some() {
        // The converter decides the names below the field, when it runs.
        return quote!(_rt::__private::Keys::Any);
    }
    let ty = field.ty;
    if ty::mentioned(ty).iter().any(|name| name == "Self" || name == model.ident) {
        // The constant would be made from itself.
        return quote!(_rt::__private::Keys::RECURSIVE);
    }
    // A type that is no module is one error, here and in the walks: they too ask for what it is on `Meta`, in a path that
    // starts and ends where the type does. (`<<` would be one token, and half of it has another span.)
    let (start, end) = ends(ty.to_token_stream());
    let module = quote!(_rt::Module);
    let on = until(end, &quote!(On<_rt::Meta>));
    let keys = quote_spanned!(end=> KEYS);
    quote_spanned!(start=> < <#ty as #module>::#on as #module>::#keys)
}
