//! Persistent ids: the storages, and in legacy files the classes, that a pickle refers to.

use std::collections::HashMap;
use std::sync::Arc;

use super::wrong_arguments;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::scalar_type::StorageClass;
use crate::checkpoint::storage::StorageView;
use crate::checkpoint::torch::storages::{Declared, Storages};
use crate::checkpoint::value::Value;

/// The slices of storages that a legacy file named so far: key to first byte and length of a root storage.
pub(super) type Views = HashMap<Arc<str>, (usize, usize, usize)>;

/// The object that `id` names: `("storage", class, key, location, numel)`, with `view_metadata` at the end in a legacy
/// stream, or there also `("module", class, file, source)`.
pub(super) fn object(id: &Value, storages: &mut Storages, views: &mut Views) -> Result<Value> {
    let Value::Tuple(items) = id else {
        return Err(CheckpointError::damaged("the persistent id is no tuple").got(id.type_name()));
    };
    let legacy = storages.is_legacy();
    match (&***items, items.first().and_then(Value::as_str)) {
        ([_, class, key, location, numel], Some("storage")) if !legacy => {
            storage([class, key, location, numel], storages)
        }
        ([_, class, key, location, numel, view], Some("storage")) if legacy => {
            let whole = storage([class, key, location, numel], storages)?;
            slice(whole, view, views)
        }
        ([_, class @ Value::Opaque(_), _file, _source], Some("module")) if legacy => Ok(class.clone()),
        (other, Some("storage")) => {
            let view = if legacy { ", view" } else { "" };
            Err(wrong_arguments(&format!("str, class, key, location, numel{view}"), other).at("persistent id"))
        }
        (_, tag) => {
            let error = CheckpointError::damaged("the persistent id is not of a storage").expected("`storage`");
            Err(error.got(tag.map_or_else(|| id.to_string(), |tag| format!("`{tag}`"))))
        }
    }
}

fn storage([class, key, location, numel]: [&Value; 4], storages: &mut Storages) -> Result<Value> {
    let (Value::Str(key), Value::Str(location), Value::Int(count)) = (key, location, numel) else {
        let got = [class, key, location, numel].map(Value::clone);
        return Err(wrong_arguments("class, str, str, int", &got).at("persistent id"));
    };
    let named = |error: CheckpointError| error.at(format_args!("storage `{key}`"));
    let negative = || named(CheckpointError::damaged("the number of elements is out of range").got(count));
    let numel = usize::try_from(*count).map_err(|_| negative())?;
    let class = storage_class(class).map_err(named)?;
    let storage = storages.declare(&Declared { class, key, location, numel })?;
    Ok(Value::Storage(Arc::new(StorageView::whole(storage, class))))
}

/// PyTorch goes by the name alone: `torch.FloatStorage` and `torch.cuda.FloatStorage` are one.
pub(in crate::checkpoint::torch) fn storage_class(class: &Value) -> Result<StorageClass> {
    let global = match class {
        Value::Opaque(opaque) if opaque.args().is_none() => opaque.global(),
        other => return Err(CheckpointError::damaged("its class is no class").got(other.type_name())),
    };
    let name = global.strip_prefix("torch.").and_then(|rest| rest.rsplit('.').next());
    name.and_then(StorageClass::from_name)
        .ok_or_else(|| CheckpointError::damaged("its class is no storage of PyTorch").got(global))
}

/// A slice `(view_key, offset, numel)` of a storage, as PyTorch 0.3 saved views.
fn slice(whole: Value, view: &Value, views: &mut Views) -> Result<Value> {
    let (Value::Storage(whole), false) = (&whole, view.is_none()) else { return Ok(whole) };
    let invalid = || {
        CheckpointError::damaged("the view of the storage is invalid")
            .at(format_args!("storage `{}`", whole.storage.key()))
    };
    let Some([Value::Str(key), Value::Int(offset), Value::Int(numel)]) = view.as_list() else {
        return Err(invalid().expected("(view_key, offset, numel)").got(view.type_name()));
    };
    let size = whole.class.itemsize();
    let bytes = |count: i64| usize::try_from(count).ok().and_then(|count| count.checked_mul(size));
    let (Some(start), Some(nbytes)) = (bytes(*offset), bytes(*numel)) else {
        return Err(invalid().got(format_args!("offset {offset}, {numel} elements")));
    };
    if start.checked_add(nbytes).is_none_or(|end| end > whole.nbytes) {
        return Err(invalid()
            .expected(format_args!("inside {} bytes", whole.nbytes))
            .got(format_args!("{nbytes} bytes from byte {start}")));
    }
    let place = (whole.storage.id(), start, nbytes);
    if *views.entry(Arc::clone(key)).or_insert(place) != place {
        return Err(invalid().expected("one place for each view key").got(format_args!("`{key}` twice")));
    }
    Ok(Value::Storage(Arc::new(StorageView { storage: Arc::clone(&whole.storage), class: whole.class, start, nbytes })))
}
