//! What can be wrong with the keys of a type: attributes that contradict each other, and two fields under one key.

use std::collections::HashSet;

use crate::ast::{Container, Data, Field};
use crate::ctxt::Ctxt;

/// Reports all mistakes in the keys.
pub fn check(cx: &Ctxt, model: &Container<'_>) {
    rename_all(cx, model);
    transparent(cx, model);
    for field in model.fields() {
        skipped(cx, field);
        flattened(cx, field);
    }
    for fields in model.field_lists() {
        empty_keys(cx, fields);
        duplicate_keys(cx, fields);
    }
}

/// `rename_all` where no field has a name.
fn rename_all(cx: &Ctxt, model: &Container<'_>) {
    let Some(rename_all) = &model.attrs.rename_all else { return };
    if model.attrs.transparent.is_some() {
        let message = "the field of a transparent struct has no key: remove `rename_all`, or remove `transparent`";
        cx.error(&rename_all.key, message);
    } else if model.fields().all(|field| !field.is_named()) {
        let message = format_args!("`{}` has no named field to rename: remove `rename_all`", model.ident);
        cx.error(&rename_all.key, message);
    }
}

/// `transparent` where it is not clear which field stands for the struct.
fn transparent(cx: &Ctxt, model: &Container<'_>) {
    let Some(transparent) = &model.attrs.transparent else { return };
    let Data::Struct(fields) = &model.data else {
        let message = "an enum adds nothing to the keys anyway: remove `transparent`";
        return cx.error(&transparent.key, message);
    };
    let walked: Vec<_> = fields.iter().filter(|field| field.is_walked()).collect();
    if let [field] = walked.as_slice() {
        let keys = [field.attrs.rename.as_ref().map(|set| &set.key), field.attrs.flatten.as_ref().map(|set| &set.key)];
        for key in keys.into_iter().flatten() {
            let message = format_args!(
                "the field of a transparent struct has no key of its own: remove `{key}`, or remove `transparent`"
            );
            cx.error(key, message);
        }
        return;
    }
    let message = match walked.len() {
        0 => format!(
            "a transparent struct is one field that is part of the model, and `{}` has none: remove `transparent`",
            model.ident,
        ),
        count => format!(
            "a transparent struct is one field that is part of the model, and `{}` has {count}: \
             write `#[module(skip)]` on those that are configuration, or `#[module(flatten)]` on each in place of \
             `transparent`",
            model.ident,
        ),
    };
    cx.error(&transparent.key, message);
}

/// Attributes that say nothing on a skipped field.
fn skipped(cx: &Ctxt, field: &Field<'_>) {
    if field.is_walked() {
        return;
    }
    for key in field.attrs.keys() {
        let message = format_args!("a skipped field is not in the state dict: remove `{key}`, or remove `skip`");
        cx.error(key, message);
    }
}

/// `flatten` on a field that has a name of its own.
fn flattened(cx: &Ctxt, field: &Field<'_>) {
    if let (Some(_), Some(rename)) = (&field.attrs.flatten, &field.attrs.rename) {
        let message = "a flattened field adds no name to the keys: remove `rename`, or remove `flatten`";
        cx.error(&rename.key, message);
    }
    if let (None, Some(alias)) = (&field.key, field.attrs.aliases.first()) {
        let message =
            "a field that adds no name to the keys has no older one either: write `alias` on the fields in it";
        cx.error(&alias.key, message);
    }
}

/// A name of which `rename_all` leaves nothing.
fn empty_keys(cx: &Ctxt, fields: &[Field<'_>]) {
    let is_empty = |field: &&Field<'_>| field.is_walked() && field.key.as_ref().is_some_and(String::is_empty);
    for field in fields.iter().filter(is_empty) {
        let message = "`rename_all` leaves nothing of this name: give the field another one, or write \
                       `#[module(rename = \"key\")]` on it";
        cx.error(&field.member, message);
    }
}

/// Two fields under one key, of a struct or of one variant.
fn duplicate_keys(cx: &Ctxt, fields: &[Field<'_>]) {
    let fields: Vec<_> = fields.iter().filter(|field| field.is_walked()).collect();
    let mut keys = HashSet::new();
    for field in &fields {
        let Some(key) = &field.key else { continue };
        if keys.insert(key) {
            continue;
        }
        let message = format!("two fields have the key `{key}`: each needs a key of its own");
        match &field.attrs.rename {
            Some(rename) => cx.error(&rename.value, message),
            None => cx.error(&field.member, message),
        }
    }
    let mut keys: HashSet<_> = keys.into_iter().cloned().collect();
    for alias in fields.iter().flat_map(|field| &field.attrs.aliases) {
        let name = alias.value.value();
        if !keys.insert(name.clone()) {
            let message =
                format_args!("the key `{name}` is taken in this struct: an older name is one that no field has");
            cx.error(&alias.value, message);
        }
    }
}
