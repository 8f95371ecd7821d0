//! The visit of one field: the statement that all walks are made of.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Path;

use crate::ast::Field;

/// `<Linear<D> as _rt::Module>::walk_field(&(self.fc1), "fc1", __walk)`, and `walk(&(self.fc1), __walk)` for a field of
/// a variant or a transparent struct that adds nothing to the keys. What the attributes say comes before:
/// `__walk.frozen().field("fc1", |__w| <Linear<D> as _rt::Module>::walk(&(self.fc1), __w))`.
///
/// No closure without need: each is a function of its own on each device, and together they take half the time of a build.
pub fn visit(field: &Field<'_>, method: &TokenStream, reference: &TokenStream) -> TokenStream {
    let kind = if field.is_transient() { quote!(_rt::__private::Transient) } else { quote!(_rt::Module) };
    let notes = notes(field);
    let inner = || call(field, &kind, method, reference, &quote!(, __w));
    match &field.key {
        Some(key) if notes.is_empty() => call(field, &kind, &keyed(method), reference, &quote!(, #key, __walk)),
        Some(key) => {
            let call = inner();
            quote!(__walk #notes.field(#key, |__w| #call))
        }
        None if notes.is_empty() => call(field, &kind, method, reference, &quote!(, __walk)),
        None => {
            let call = inner();
            quote!(__walk #notes.noted(|__w| #call))
        }
    }
}

/// `.alias(&["old"]).frozen()`: what the attributes of the field say.
fn notes(field: &Field<'_>) -> TokenStream {
    let attrs = &field.attrs;
    let mut notes = TokenStream::new();
    if !attrs.aliases.is_empty() {
        let aliases = attrs.aliases.iter().map(|set| set.value.value());
        notes.extend(quote!(.alias(&[#(#aliases),*])));
    }
    if attrs.default.is_some() {
        notes.extend(quote!(.default()));
    }
    if attrs.flatten.is_some() {
        notes.extend(quote!(.flattened()));
    }
    if attrs.frozen.is_some() {
        notes.extend(quote!(.frozen()));
    }
    if let Some(with) = &attrs.with {
        let convert = convert(&with.value);
        notes.extend(quote!(.with(#convert)));
    }
    if let Some(tied) = &attrs.tied {
        let path = tied.value.value();
        notes.extend(quote!(.tied(#path, self)));
    }
    notes
}

/// The functions of a converter. What the compiler says about them is about its path.
fn convert(path: &Path) -> TokenStream {
    let function = |name: &str| {
        let (_, end) = ends(path.to_token_stream());
        let name = Ident::new(name, end);
        quote_spanned!(end=> #path::#name)
    };
    let [stored, load, save] = ["stored", "load", "save"].map(function);
    quote!(_rt::__private::Convert { stored: #stored, load: #load, save: #save })
}

/// `<Linear<D> as _rt::Module>::walk(&(self.fc1), __w)`: a method of the trait `kind`, on the field.
///
/// What the compiler says about the call is about the field's type. It points at the whole call, at the path, at the type
/// in it, or at the first argument: each of them starts and ends where the type does, and so the same mistake in several
/// walks is reported once. (The parentheses are there to end the argument.) Names keep the span of the derive: the type may
/// come from a macro that has other names in scope.
pub fn call(
    field: &Field<'_>,
    kind: &TokenStream,
    method: &TokenStream,
    reference: &TokenStream,
    more_arguments: &TokenStream,
) -> TokenStream {
    let Field { member, ty, binding, .. } = field;
    let (start, end) = ends(ty.to_token_stream());
    let path = self::method(field, kind, method);
    let reference = respanned(start, reference);
    let value = binding.as_ref().map_or_else(|| quote!(self.#member), |binding| quote!(*#binding));
    quote_spanned!(end=> #path(#reference (#value) #more_arguments))
}

/// `<Linear<D> as _rt::Module>::walk`, which starts and ends where the type does.
pub fn method(field: &Field<'_>, kind: &TokenStream, method: &TokenStream) -> TokenStream {
    let ty = field.ty;
    let (start, end) = ends(ty.to_token_stream());
    let method = until(end, method);
    quote_spanned!(start=> <#ty as #kind>::#method)
}

/// `walk_field` for `walk`, `relocate_into_field::<P, _>` for `relocate_into::<P, _>`.
fn keyed(method: &TokenStream) -> TokenStream {
    let mut tokens = method.clone().into_iter();
    let name = tokens.next().map(|name| format_ident!("{}_field", name.to_string()));
    name.into_iter().map(TokenTree::from).chain(tokens).collect()
}

/// The spans of the first and the last token.
pub fn ends(tokens: TokenStream) -> (Span, Span) {
    let mut spans = tokens.into_iter().map(|token| token.span());
    let start = spans.next().unwrap_or_else(Span::call_site);
    (start, spans.last().unwrap_or(start))
}

/// The tokens, all with another span.
fn respanned(span: Span, tokens: &TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.iter_mut().for_each(|token| token.set_span(span));
    tokens.into_iter().collect()
}

/// The tokens, the last one with another span.
pub fn until(span: Span, tokens: &TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.last_mut().into_iter().for_each(|token| token.set_span(span));
    tokens.into_iter().collect()
}
