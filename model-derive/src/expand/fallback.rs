//! What stands in for the walks of a struct with mistakes: it is a module, so that nothing else is reported.

use proc_macro2::TokenStream;
use quote::quote;

use super::moved;
use super::visit::method;
use crate::ast::{Container, Field};
use crate::check::never;
use crate::param::Kind;

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
    let judged = model.fields().filter(|field| can_be_judged(model, field)).map(|field| judged(model, field));
    quote! {
        #types
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Any;
        fn walk<'__a>(&'__a self, _: &mut _rt::__private::Walk<'__a, '_>) {
            #(let _ = #judged;)*
        }
        fn walk_mut(&mut self, _: &mut _rt::__private::WalkMut<'_>) -> _rt::Result<()> {
            _rt::__private::refused()
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            _: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            _rt::__private::refused()
        }
    }
}

/// Whether what the compiler says about the type of a field is a mistake of its own, and does not follow from another one.
fn can_be_judged(model: &Container<'_>, field: &Field<'_>) -> bool {
    let is_known = || model.mentioned(field).iter().all(|param| param.kind != Kind::Other);
    field.is_sound && field.is_walked() && never::is_module(model, field).is_none() && is_known()
}

/// `<Linear<D> as _rt::Module>::walk`: the compiler says so if the type is no module, in the words in which it says it of a
/// struct without other mistakes.
fn judged(model: &Container<'_>, field: &Field<'_>) -> TokenStream {
    if model.mentioned(field).is_empty() {
        method(field, &quote!(_rt::Module), &quote!(relocate_fixed_field))
    } else if field.is_transient() {
        method(field, &quote!(_rt::__private::Transient), &quote!(walk))
    } else {
        method(field, &quote!(_rt::Module), &quote!(walk))
    }
}
