//! The walk by reference over the fields, shared and exclusive.

use proc_macro2::TokenStream;
use quote::quote;

use super::shape;
use super::visit::visit;
use crate::ast::Container;

/// The method `walk`.
pub fn walk(model: &Container<'_>) -> TokenStream {
    let body = shape::statements(model, |field| visit(field, &quote!(walk), &quote!(&)));
    quote! {
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            #body
        }
    }
}

/// The method `walk_mut`.
pub fn walk_mut(model: &Container<'_>) -> TokenStream {
    let body = shape::statements(model, |field| {
        let visit = visit(field, &quote!(walk_mut), &quote!(&mut));
        quote!(#visit?)
    });
    let end = (!model.is_never()).then(|| quote!(_rt::__private::Ok(())));
    quote! {
        fn walk_mut(&mut self, __walk: &mut _rt::__private::WalkMut<'_>) -> _rt::Result<()> {
            #body
            #end
        }
    }
}
