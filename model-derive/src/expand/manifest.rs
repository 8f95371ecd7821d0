//! The comparison of the keys of a type with a manifest, while the program compiles.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, LitStr};

use crate::ast::Container;
use crate::index;
use crate::param::{Kind, Param};

/// What `#[module(manifest = "...")]` adds; nothing without it.
///
/// The comparison is one of a type without parameters: that on `Meta`.
pub fn of_model(model: &Container<'_>) -> Option<TokenStream> {
    let file = &model.attrs.manifest.as_ref()?.value;
    let ident = model.ident;
    let arguments = model.generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(_) => Some(quote!('static)),
        GenericParam::Type(param) if param.default.is_none() => {
            let is_device = |other: &&Param<'_>| *other.ident == param.ident && other.kind == Kind::Device;
            model.params.iter().find(is_device).map(|_| quote!(_rt::Meta))
        }
        // Its default; `check` refuses those without one.
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    let arguments: Vec<_> = arguments.collect();
    let arguments = (!arguments.is_empty()).then(|| quote!(<#(#arguments),*>));
    Some(check(&model.runtime(), &ident.to_string(), &quote!(#ident #arguments), file))
}

/// The items that compare the type `ty`, `name` in messages, with the manifest in `file`. `runtime` is what `use` takes.
///
/// ```text
/// const _: () = {
///     use ::model_runtime as _rt;
///     const __TEXT: &_rt::__private::str = _rt::__private::include_str!("net.manifest");
///     const __INDEX: &[_rt::__private::u8] = b"...";
///     const __MESSAGE: _rt::__private::Message = _rt::__private::check::<{ _rt::__private::nodes(__TEXT, __INDEX) }>(
///         ["Net", "net.manifest"],
///         __TEXT,
///         __INDEX,
///         &<Net<_rt::Meta> as _rt::Module>::KEYS,
///     );
///     const _: () = <_rt::__private::Message>::report(&__MESSAGE);
/// };
/// ```
pub fn check(runtime: &TokenStream, name: &str, ty: &TokenStream, file: &LitStr) -> TokenStream {
    // The calls start and end at the string, and so errors are there. Names keep the span of the macro.
    let span = file.span();
    let (include, message) = (quote!(_rt::__private::include_str), quote!(_rt::__private::Message));
    let argument = quote!(&__MESSAGE);
    let text = quote_spanned!(span=> #include!(#file));
    let report = quote_spanned!(span=> <#message>::report(#argument));
    let name = name.to_token_stream();
    let index = Literal::byte_string(&index::index(file));
    quote! {
        const _: () = {
            use #runtime;

            const __TEXT: &_rt::__private::str = #text;
            // The tree of names in the text; empty if the check is to make it.
            const __INDEX: &[_rt::__private::u8] = #index;
            #[allow(long_running_const_eval, reason = "a large manifest takes a while: about 0.3 s for 1 000 keys")]
            const __MESSAGE: #message = _rt::__private::check::<{ _rt::__private::nodes(__TEXT, __INDEX) }>(
                [#name, #file],
                __TEXT,
                __INDEX,
                &<#ty as _rt::Module>::KEYS,
            );
            const _: () = #report;
        };
    }
}
