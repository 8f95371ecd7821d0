//! The struct or enum that a derive is on, as the later stages want it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Generics, Ident, Member, Type};

use crate::attr::{ContainerAttrs, FieldAttrs, Place, Set, refuse_on_variant};
use crate::ctxt::Ctxt;
use crate::param::{Param, Params};
use crate::ty;

/// A struct or an enum.
pub struct Container<'a> {
    /// Its name.
    pub ident: &'a Ident,
    /// Its generics, as written.
    pub generics: &'a Generics,
    /// Its type parameters.
    pub params: Params<'a>,
    /// Its fields; none of a union, which is reported.
    pub data: Data<'a>,
    /// Its `#[module(...)]`.
    pub attrs: ContainerAttrs,
    /// Whether it, a variant or a field is deprecated.
    pub is_deprecated: bool,
}

/// The fields of a struct or an enum.
pub enum Data<'a> {
    Struct(Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
}

/// A variant of an enum.
pub struct Variant<'a> {
    /// Its name.
    pub ident: &'a Ident,
    /// Its fields.
    pub fields: Vec<Field<'a>>,
}

/// A field of a struct or of a variant.
pub struct Field<'a> {
    /// Its name or index.
    pub member: Member,
    /// Its type.
    pub ty: &'a Type,
    /// Its `#[module(...)]`.
    pub attrs: FieldAttrs,
    /// Its name in the state dict; `None` if it adds nothing to the keys.
    pub key: Option<String>,
    /// Whether nothing is wrong with its attributes, so that its type can be judged.
    pub is_sound: bool,
    /// The reference to it that the pattern of its variant binds; `None` in a struct, where it is part of `self`.
    pub binding: Option<Ident>,
}

impl<'a> Container<'a> {
    pub fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let place = if matches!(input.data, syn::Data::Enum(_)) { Place::Enum } else { Place::Struct };
        let attrs = ContainerAttrs::parse(cx, &input.attrs, place);
        let params = Params::new(&input.generics, &attrs.devices);
        let data = Data::parse(cx, input, &attrs);
        Self {
            ident: &input.ident,
            generics: &input.generics,
            params,
            data,
            attrs,
            is_deprecated: is_deprecated(input),
        }
    }

    /// The runtime as `use` takes it: `::model_runtime as _rt`.
    ///
    /// A path that the user gave ends in the runtime's own name, so that a path to anything else is one error, at the path.
    pub fn runtime(&self) -> TokenStream {
        let Some(Set { value: path, .. }) = &self.attrs.runtime else { return quote!(::model_runtime as _rt) };
        let at = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
        let here = Span::call_site().located_at(at);
        let end = quote_spanned!(here=> ::model_runtime as _rt);
        quote!(#path #end)
    }

    /// Whether it is an enum without variants: no value of it exists.
    pub fn is_never(&self) -> bool {
        matches!(&self.data, Data::Enum(variants) if variants.is_empty())
    }

    /// Whether a parameter that changes when the model moves is in the type of no field. The compiler refuses the type, at
    /// the parameter.
    pub fn has_unused_param(&self) -> bool {
        let is_named = |param: &Param<'_>| {
            self.fields().any(|field| self.mentioned(field).iter().any(|other| other.ident == param.ident))
        };
        !self.params.moving().all(is_named)
    }

    /// All fields, of an enum those of all variants.
    pub fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.field_lists().flatten()
    }

    /// The fields that are there together: those of a struct, and of an enum those of each variant.
    pub fn field_lists(&self) -> impl Iterator<Item = &[Field<'a>]> {
        let (fields, variants) = match &self.data {
            Data::Struct(fields) => (Some(fields), [].as_slice()),
            Data::Enum(variants) => (None, variants.as_slice()),
        };
        fields.into_iter().chain(variants.iter().map(|variant| &variant.fields)).map(Vec::as_slice)
    }

    /// The type parameters that the type of `field` mentions, in order of appearance and with repetition.
    ///
    /// `Self` mentions all that change when the model moves.
    pub fn mentioned(&self, field: &Field<'_>) -> Vec<&Param<'a>> {
        let mut params = Vec::new();
        for name in ty::mentioned(field.ty) {
            if name == "Self" {
                params.extend(self.params.moving());
            } else {
                params.extend(self.params.iter().find(|param| *param.ident == name));
            }
        }
        params
    }
}

impl<'a> Data<'a> {
    fn parse(cx: &Ctxt, input: &'a DeriveInput, attrs: &ContainerAttrs) -> Self {
        match &input.data {
            syn::Data::Struct(data) => Self::Struct(Field::all(cx, &data.fields, attrs)),
            syn::Data::Enum(data) => {
                Self::Enum(data.variants.iter().map(|variant| Variant::parse(cx, variant, attrs)).collect())
            }
            syn::Data::Union(data) => {
                let ident = &input.ident;
                let message =
                    format_args!("`Module` can only be derived for a struct or an enum: make `{ident}` one of them");
                cx.error(data.union_token, message);
                Self::Struct(Vec::new())
            }
        }
    }
}

impl<'a> Variant<'a> {
    fn parse(cx: &Ctxt, variant: &'a syn::Variant, attrs: &ContainerAttrs) -> Self {
        refuse_on_variant(cx, &variant.attrs);
        let mut fields = Field::all(cx, &variant.fields, attrs);
        for (index, field) in fields.iter_mut().enumerate() {
            field.binding = Some(format_ident!("__field{index}"));
        }
        if let ([field], syn::Fields::Unnamed(_)) = (fields.as_mut_slice(), &variant.fields) {
            // A variant with one value is that value, as `Some` is.
            field.key = field.attrs.rename.as_ref().map(|rename| rename.value.value());
        }
        Self { ident: &variant.ident, fields }
    }
}

impl<'a> Field<'a> {
    fn all(cx: &Ctxt, fields: &'a syn::Fields, container: &ContainerAttrs) -> Vec<Self> {
        fields.members().zip(fields).map(|(member, field)| Self::parse(cx, member, field, container)).collect()
    }

    fn parse(cx: &Ctxt, member: Member, field: &'a syn::Field, container: &ContainerAttrs) -> Self {
        let mistakes = cx.count();
        let attrs = FieldAttrs::parse(cx, &field.attrs);
        let is_sound = cx.count() == mistakes;
        let key = match (&attrs.rename, &member) {
            _ if attrs.flatten.is_some() || container.transparent.is_some() => None,
            (Some(rename), _) => Some(rename.value.value()),
            (None, Member::Named(ident)) => {
                let name = ident.unraw().to_string();
                Some(container.rename_all.as_ref().map_or_else(|| name.clone(), |case| case.value.apply(&name)))
            }
            (None, Member::Unnamed(index)) => Some(index.index.to_string()),
        };
        Self { member, ty: &field.ty, attrs, key, is_sound, binding: None }
    }

    /// Whether it has a name, and not a number.
    pub fn is_named(&self) -> bool {
        matches!(self.member, Member::Named(_))
    }

    /// Whether it is part of the model.
    pub fn is_walked(&self) -> bool {
        self.attrs.skip.is_none()
    }

    /// Whether it is not saved.
    pub fn is_transient(&self) -> bool {
        self.attrs.persistent.as_ref().is_some_and(|persistent| !persistent.value)
    }
}

/// Whether a name that the expansion has to mention is deprecated.
fn is_deprecated(input: &DeriveInput) -> bool {
    let has = |attrs: &[Attribute]| attrs.iter().any(|attr| attr.path().is_ident("deprecated"));
    let any = |fields: &syn::Fields| fields.iter().any(|field| has(&field.attrs));
    has(&input.attrs)
        || match &input.data {
            syn::Data::Struct(data) => any(&data.fields),
            syn::Data::Enum(data) => data.variants.iter().any(|variant| has(&variant.attrs) || any(&variant.fields)),
            syn::Data::Union(_) => false,
        }
}
