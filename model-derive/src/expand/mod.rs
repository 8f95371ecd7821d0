//! From the struct or enum to the generated code.
//!
//! Only this file sees errors: what passed [`check`](crate::check) can be generated.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{DeriveInput, Generics};

use crate::ast::Container;
use crate::bound;
use crate::check;
use crate::ctxt::Ctxt;
use crate::manifest::{self as file, Checked};

mod by_ref;
mod fallback;
mod keys;
mod manifest;
mod moved;
mod relocate;
mod shape;
#[cfg(test)]
mod tests;
mod visit;

/// The expansion of `#[derive(Module)]`: the impls, or every mistake and impls that keep the rest of the program quiet.
pub fn derive(input: &DeriveInput) -> TokenStream {
    let cx = Ctxt::new();
    let model = Container::parse(&cx, input);
    check::check(&cx, &model);
    match cx.finish() {
        // What builds it would be another error: nothing says on which device it is.
        Ok(()) if model.has_unused_param() => impls(&model, model.generics.clone(), &fallback::module(&model)),
        Ok(()) => {
            let impls = impls(&model, bound::module(&model), &module(&model));
            let manifest = manifest::of_model(&model);
            quote!(#impls #manifest)
        }
        Err(errors) => {
            let errors = errors.into_compile_error();
            let impls = impls(&model, model.generics.clone(), &fallback::module(&model));
            quote!(#errors #impls)
        }
    }
}

/// The expansion of `check_manifest!`.
pub fn check_manifest(input: &Checked) -> TokenStream {
    let cx = Ctxt::new();
    file::is_there(&cx, &input.file);
    match cx.finish() {
        Ok(()) => {
            let runtime = &input.runtime;
            manifest::check(&quote!(#runtime as _rt), &input.name(), &input.ty.to_token_stream(), &input.file)
        }
        Err(error) => error.into_compile_error(),
    }
}

/// The impls for a model: `items` are those of the `Module` impl, which has these `generics`.
fn impls(model: &Container<'_>, generics: Generics, items: &TokenStream) -> TokenStream {
    let runtime = model.runtime();
    let module = header(model, &quote!(Module), &generics);
    let has_data = header(model, &quote!(__private::HasData), &bound::has_data(model, generics));
    let allow = model.is_deprecated.then(|| quote!(#[allow(deprecated, reason = "the model names its own parts")]));
    quote! {
        const _: () = {
            use #runtime;

            #[automatically_derived]
            #allow
            #module { #items }

            #[automatically_derived]
            #allow
            #has_data {}
        };
    }
}

/// `impl<D: Device> _rt::Module for Net<D>`.
fn header(model: &Container<'_>, of: &TokenStream, generics: &Generics) -> TokenStream {
    let ident = model.ident;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote!(impl #impl_generics _rt::#of for #ident #ty_generics #where_clause)
}

/// The items of the `Module` impl.
fn module(model: &Container<'_>) -> TokenStream {
    let types = moved::types(model);
    let keys = keys::keys(model);
    let walk = by_ref::walk(model);
    let walk_mut = by_ref::walk_mut(model);
    let relocate = relocate::relocate(model);
    quote!(#types #keys #walk #walk_mut #relocate)
}
