//! What can be wrong with the attributes of a field that say how it is loaded and trained.

use proc_macro2::Ident;
use syn::LitStr;

use super::near;
use crate::ast::{Container, Field};
use crate::attr::Set;
use crate::ctxt::Ctxt;

/// Reports attributes that contradict each other, and ties to what is not there.
pub fn check(cx: &Ctxt, model: &Container<'_>) {
    for fields in model.field_lists() {
        for field in fields.iter().filter(|field| field.is_walked()) {
            not_saved(cx, field);
            if let Some(tied) = &field.attrs.tied {
                other_than_tied(cx, field);
                target(cx, fields, field, tied);
            }
        }
    }
}

/// What `persistent = false` makes meaningless.
fn not_saved(cx: &Ctxt, field: &Field<'_>) {
    if !field.is_transient() {
        return;
    }
    let attrs = &field.attrs;
    let reasons = [
        (key(&attrs.default), "a buffer that is not saved always has its declared value"),
        (attrs.aliases.first().map(|set| &set.key), "a buffer that is not saved has no name in older files"),
        (key(&attrs.frozen), "a buffer is never trained"),
        (attrs.with.as_ref().map(|set| &set.key), "a buffer that is not saved has no other form in files"),
    ];
    for (key, reason) in reasons {
        if let Some(key) = key {
            cx.error(key, format_args!("{reason}: remove `{key}`, or remove `persistent = false`"));
        }
    }
}

/// What a tied field leaves to the one that it is tied to.
fn other_than_tied(cx: &Ctxt, field: &Field<'_>) {
    let attrs = &field.attrs;
    let keys = [
        key(&attrs.default),
        key(&attrs.frozen),
        attrs.with.as_ref().map(|set| &set.key),
        attrs.persistent.as_ref().filter(|set| !set.value).map(|set| &set.key),
    ];
    for key in keys.into_iter().flatten() {
        let message = format_args!(
            "a tied field is what it is tied to: remove `{key}` here, and write it on the other field if it is meant for both"
        );
        cx.error(key, message);
    }
}

/// Whether the tie leads to another field of the struct. What is below that field is checked at run time.
fn target(cx: &Ctxt, fields: &[Field<'_>], field: &Field<'_>, tied: &Set<LitStr>) {
    if field.binding.is_some() {
        let message = "a field of an enum cannot be tied: write `tied` on a field of a struct in the variant";
        return cx.error(&tied.key, message);
    }
    let path = tied.value.value();
    let first = path.split('.').next().unwrap_or_default();
    if field.key.as_deref() == Some(first) {
        return cx.error(&tied.value, "a field cannot be tied to itself: give the path of another field");
    }
    let others: Vec<_> = fields.iter().filter(|other| other.is_walked() && other.member != field.member).collect();
    if let Some(circle) = circle(fields, field) {
        return cx
            .error(&tied.value, format_args!("these ties lead in a circle, {circle}: one of them owns the tensor"));
    }
    // The keys of a field without a name of its own are those of its type.
    if others.iter().any(|other| other.key.as_deref().is_none_or(|key| key == first)) {
        return;
    }
    let names: Vec<_> = others.iter().filter_map(|other| other.key.as_deref()).collect();
    let nearest = match near::nearest(first, &names) {
        Some(name) => format!(", did you mean `{}`?", path.replacen(first, name, 1)),
        None => ": a path starts with the key of another field of the struct that declares the tie".to_owned(),
    };
    cx.error(&tied.value, format_args!("no field has the key `{first}`{nearest}"));
}

/// The keys on the way from a field back to itself, over fields that are tied as a whole. It is said of the first of them.
fn circle(fields: &[Field<'_>], field: &Field<'_>) -> Option<String> {
    let start = fields.iter().position(|other| other.member == field.member)?;
    let (mut at, mut way) = (start, vec![format!("`{}`", field.key.as_deref()?)]);
    while way.len() <= fields.len() {
        let path = fields[at].attrs.tied.as_ref()?.value.value();
        at = fields.iter().position(|other| other.is_walked() && other.key.as_deref() == Some(path.as_str()))?;
        if at < start {
            return None;
        }
        way.push(format!("`{path}`"));
        if at == start {
            return Some(way.join(" to "));
        }
    }
    None
}

/// Where a flag was written.
fn key(flag: &Option<Set<()>>) -> Option<&Ident> {
    flag.as_ref().map(|set| &set.key)
}
