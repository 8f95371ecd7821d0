//! What can be wrong with a struct or an enum before the compiler asks whether its fields are modules.

use syn::WherePredicate;

use crate::ast::{Container, Field};
use crate::ctxt::Ctxt;
use crate::manifest;
use crate::param::{self, Kind, Param};
use crate::placement;
use crate::symbol::COMPUTE_TRAIT;

mod conflict;
mod key;
mod near;
pub mod never;

/// Reports all mistakes. What passes can be generated.
pub fn check(cx: &Ctxt, model: &Container<'_>) {
    device_names(cx, model);
    for param in model.params.iter() {
        bounds(cx, param);
    }
    written_bounds(cx, model);
    for field in model.fields() {
        if field.is_walked() {
            walked_type(cx, model, field);
        } else {
            skipped_type(cx, model, field);
        }
    }
    key::check(cx, model);
    conflict::check(cx, model);
    manifest::check(cx, model);
}

/// `#[module(device = E)]` where there is no `E`, and `device = (D, D)`.
fn device_names(cx: &Ctxt, model: &Container<'_>) {
    for (index, device) in model.attrs.devices.iter().enumerate() {
        if model.attrs.devices[..index].contains(device) {
            cx.error(device, format_args!("`{device}` is named twice"));
        }
        if model.params.iter().all(|param| param.ident != device) {
            cx.error(device, format_args!("`{device}` is not a type parameter of `{}`", model.ident));
        }
    }
}

/// Bounds that the struct has on one device and may not have on another.
fn bounds(cx: &Ctxt, param: &Param<'_>) {
    let name = param.ident;
    let (kind, only) = match param.kind {
        Kind::Device | Kind::Other => ("device", "Device"),
        Kind::Module => ("module", "Module"),
    };
    for bound in param.lost_bounds() {
        if param::is(bound, COMPUTE_TRAIT) {
            let message = format_args!(
                "a model is declared on `Meta`, which is not `Compute`: write `{name}: Device` here, \
                 and `{name}: Compute` on the impls that compute"
            );
            cx.error(bound, message);
        } else {
            let message = format_args!(
                "this bound may not hold for `{name}` once the model has moved: the only bound of a {kind} parameter is \
                 `{name}: {only}`, move this one to the impls that need it"
            );
            cx.error(bound, message);
        }
    }
}

/// `#[module(bound = "D: Clone")]`: a bound on what changes when the model moves.
fn written_bounds(cx: &Ctxt, model: &Container<'_>) {
    let Some(bound) = &model.attrs.bound else { return };
    for predicate in &bound.value.predicates {
        let WherePredicate::Type(predicate) = predicate else { continue };
        let is_bounded = |param: &&Param<'_>| param::is_ident(&predicate.bounded_ty, param.ident);
        if let Some(param) = model.params.moving().find(is_bounded) {
            let message = format_args!(
                "`bound` is for the parameters that stay as they are, and `{name}` changes when the model moves: \
                 a bound on `{name}` belongs on the impls that need it",
                name = param.ident,
            );
            cx.error(&bound.value.text, message);
        }
    }
}

/// A skipped field that would have to move.
fn skipped_type(cx: &Ctxt, model: &Container<'_>, field: &Field<'_>) {
    let mentioned = model.mentioned(field);
    let Some(param) = mentioned.iter().find(|param| param.kind != Kind::Other) else { return };
    let Some(skip) = &field.attrs.skip else { return };
    let name = param.ident;
    let declare = match param.kind {
        Kind::Device => {
            format!(", and declare a tensor `Param<{name}>` if it is trained, or `Buffer<{name}>` if it is not")
        }
        Kind::Module | Kind::Other => String::new(),
    };
    let message =
        format_args!("a field that names `{name}` moves with the model and cannot be skipped: remove `skip`{declare}");
    cx.error(&skip.key, message);
}

/// A field of which nobody can say what becomes of it when the model moves.
fn walked_type(cx: &Ctxt, model: &Container<'_>, field: &Field<'_>) {
    let mentioned = model.mentioned(field);
    if let Some((ty, message)) = never::is_module(model, field) {
        return cx.error(ty, message);
    }
    if let Some(param) = mentioned.iter().find(|param| param.kind == Kind::Other) {
        return cx.error(
            field.ty,
            format_args!(
                "`{name}` is neither a device nor a module: write `{name}: Device` or `{name}: Module`, \
                 or `#[module(skip)]` on the field if it is configuration",
                name = param.ident,
            ),
        );
    }
    let moving: Vec<_> = model.params.moving().collect();
    if placement::of(&moving, &mentioned).is_none() {
        let order: Vec<_> = moving.iter().map(|param| param.ident.to_string()).collect();
        cx.error(
            field.ty,
            format_args!(
                "the devices of this field cannot be told: a type names a module parameter once, and after it only \
                 the parameters that `{}` declares next (`{}`); use one field for each",
                model.ident,
                order.join(", "),
            ),
        );
    }
}
