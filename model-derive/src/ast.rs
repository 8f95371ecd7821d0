//! The struct that a derive is on, as the later stages want it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Member, Type};

use crate::attr::{ContainerAttrs, FieldAttrs};
use crate::ctxt::Ctxt;
use crate::param::{Param, Params};
use crate::ty;

/// A struct.
pub struct Container<'a> {
    /// Its name.
    pub ident: &'a Ident,
    /// Its generics, as written.
    pub generics: &'a Generics,
    /// Its type parameters.
    pub params: Params<'a>,
    /// Its fields; none if it is no struct, which is reported.
    pub fields: Vec<Field<'a>>,
    /// Its `#[module(...)]`.
    pub attrs: ContainerAttrs,
}

/// A field of a struct.
pub struct Field<'a> {
    /// Its name or index.
    pub member: Member,
    /// Its type.
    pub ty: &'a Type,
    /// Its `#[module(...)]`.
    pub attrs: FieldAttrs,
}

impl<'a> Container<'a> {
    pub fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let attrs = ContainerAttrs::parse(cx, &input.attrs);
        let params = Params::new(&input.generics, &attrs.devices);
        let fields = fields(cx, input).map_or_else(Vec::new, |fields| {
            let fields = fields.members().zip(fields);
            fields.map(|(member, field)| Field::parse(cx, member, field)).collect()
        });
        Self { ident: &input.ident, generics: &input.generics, params, fields, attrs }
    }

    /// The path of the runtime.
    pub fn runtime(&self) -> TokenStream {
        self.attrs.runtime.as_ref().map_or_else(|| quote!(::model_runtime), |set| set.value.to_token_stream())
    }

    /// The fields that are part of the model.
    pub fn walked(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(|field| field.attrs.skip.is_none())
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

impl<'a> Field<'a> {
    fn parse(cx: &Ctxt, member: Member, field: &'a syn::Field) -> Self {
        Self { member, ty: &field.ty, attrs: FieldAttrs::parse(cx, &field.attrs) }
    }

    /// Its name in the state dict.
    pub fn key(&self) -> String {
        match (&self.attrs.rename, &self.member) {
            (Some(rename), _) => rename.value.value(),
            (None, Member::Named(ident)) => ident.unraw().to_string(),
            (None, Member::Unnamed(index)) => index.index.to_string(),
        }
    }

    /// Whether it is not saved.
    pub fn is_transient(&self) -> bool {
        self.attrs.persistent.as_ref().is_some_and(|persistent| !persistent.value)
    }
}

/// The fields of a struct; `None`, and an error, for an enum or a union.
fn fields<'a>(cx: &Ctxt, input: &'a DeriveInput) -> Option<&'a Fields> {
    let ident = &input.ident;
    match &input.data {
        Data::Struct(data) => Some(&data.fields),
        Data::Enum(data) => {
            cx.error(
                data.enum_token,
                format_args!(
                    "`Module` can only be derived for a struct: make `{ident}` one, with an `Option` field for each variant"
                ),
            );
            None
        }
        Data::Union(data) => {
            cx.error(data.union_token, format_args!("`Module` can only be derived for a struct: make `{ident}` one"));
            None
        }
    }
}
