//! The walk by reference over the fields, shared and exclusive.

use proc_macro2::TokenStream;
use quote::quote;

use super::visit::visit;
use crate::ast::Container;

/// The method `walk`.
pub fn walk(model: &Container<'_>) -> TokenStream {
    let visits = model.walked().map(|field| visit(field, &quote!(walk), &quote!(&)));
    quote! {
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            #(#visits;)*
        }
    }
}

/// The method `walk_mut`.
pub fn walk_mut(model: &Container<'_>) -> TokenStream {
    let visits = model.walked().map(|field| visit(field, &quote!(walk_mut), &quote!(&mut)));
    quote! {
        fn walk_mut(&mut self, __walk: &mut _rt::__private::WalkMut<'_>) -> _rt::Result<()> {
            #(#visits?;)*
            _rt::__private::Ok(())
        }
    }
}
