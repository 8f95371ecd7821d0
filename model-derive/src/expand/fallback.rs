//! What stands in for the walks of a struct with mistakes: it is a module, so that nothing else is reported.

use proc_macro2::TokenStream;
use quote::quote;

use super::moved;
use crate::ast::Container;

/// The items of the `Module` impl. They are compiled and never run.
pub fn module(model: &Container<'_>) -> TokenStream {
    let types = if model.params.iter().any(|param| param.lost_bounds().next().is_some()) {
        // The struct with other parameters would miss the bound that was reported.
        quote! {
            type On<__P: _rt::Placement> = Self;
            type After<__P: _rt::Placement> = __P;
        }
    } else {
        moved::types(model)
    };
    quote! {
        #types
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Any;
        fn walk<'__a>(&'__a self, _: &mut _rt::__private::Walk<'__a, '_>) {}
        fn walk_mut(&mut self, _: &mut _rt::__private::WalkMut<'_>) -> _rt::Result<()> {
            _rt::__private::refused()
        }
        fn relocate<__P: _rt::Placement>(&self, _: &mut _rt::__private::Relocate<'_>) -> _rt::Result<Self::On<__P>> {
            _rt::__private::refused()
        }
    }
}
