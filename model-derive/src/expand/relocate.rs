//! The walk that rebuilds the model on other devices.

use proc_macro2::TokenStream;
use quote::quote;

use super::visit::{call, visit};
use super::{moved, shape};
use crate::ast::{Container, Field};

/// The method `relocate`. It names the trait of its result: without it, a wrong `crate` would be an error for `Self::On` too.
pub fn relocate(model: &Container<'_>) -> TokenStream {
    let body = shape::rebuilt(model, |field| if field.is_walked() { relocated(model, field) } else { cloned(field) });
    quote! {
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            #body
        }
    }
}

/// `<Linear<D> as _rt::Module>::relocate_into_field::<__P, _>(&(self.fc1), "fc1", __walk)`, or, for a type that names no
/// parameter, `<usize as _rt::Module>::relocate_fixed_field(&(self.heads), "heads", __walk)`.
fn relocated(model: &Container<'_>, field: &Field<'_>) -> TokenStream {
    let method = if model.mentioned(field).is_empty() {
        quote!(relocate_fixed)
    } else {
        let placement = moved::placement(model, field);
        quote!(relocate_into::<#placement, _>)
    };
    visit(field, &method, &quote!(&))
}

/// `<Config as _rt::__private::Clone>::clone(&self.config)`.
fn cloned(field: &Field<'_>) -> TokenStream {
    call(field, &quote!(_rt::__private::Clone), &quote!(clone), &quote!(&), &TokenStream::new())
}
