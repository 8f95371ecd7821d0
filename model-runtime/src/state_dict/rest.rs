//! [`rest`]: what to do about the keys that no rename makes fit.

use super::hint::{File, Model, differences, is_transposed};
use super::nearest::MAX_LENGTH;
use crate::module::module_of;

/// What to do about the keys of another shape: `add` is what comes before the code.
pub(super) fn rest(model: &Model<'_>, file: &File<'_>, add: &str) -> Option<String> {
    let wrong = file.iter().filter_map(|(key, got)| Some((key.as_str(), model.get(key.as_str())?.shape, (*got)?)));
    let wrong: Vec<_> = wrong.filter(|(_, shape, got)| shape != got && !(shape.is_empty() && *got == [1])).collect();
    let Some((first, ..)) = wrong.first() else { return one_sided(model, file, add) };
    let more = match wrong.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if wrong.iter().all(|(_, shape, got)| is_transposed(shape, got)) {
        let are = if wrong.len() == 1 { "is" } else { "are" };
        return Some(format!(
            "`{first}`{more} {are} transposed in the state dict: write `#[module(with = with::transposed)]` on their fields"
        ));
    }
    let (missing, unexpected) = differences(model, file);
    let mut keys = wrong.iter().map(|(key, ..)| *key).chain(missing).chain(unexpected).map(module_of);
    let path = keys.next().map(|path| keys.fold(path, common))?;
    let add = if add.ends_with(' ') { format!("{add}`") } else { add.to_owned() };
    let have = if wrong.len() == 1 { "has" } else { "have" };
    (!path.is_empty()).then(|| {
        format!(
            "`{first}`{more} {have} another shape: to keep the model's own values below `{path}`, {add}.except({path:?})` and \
             start from `init(device)`"
        )
    })
}

/// What to do about a part that only the model has, or only the state dict.
fn one_sided(model: &Model<'_>, file: &File<'_>, add: &str) -> Option<String> {
    let (missing, unexpected) = differences(model, file);
    let (keys, is_models) = match (missing.is_empty(), unexpected.is_empty()) {
        (false, true) => (missing, true),
        (true, false) => (unexpected, false),
        _ => return None,
    };
    let mut paths = keys.into_iter().map(module_of);
    let path = paths.next().map(|path| paths.fold(path, common)).filter(|path| !path.is_empty())?;
    let is_under = |key: &str| key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let is_on_both_sides =
        if is_models { file.iter().any(|(key, _)| is_under(key)) } else { model.keys().any(|key| is_under(key)) };
    let is_writable = path.len() <= MAX_LENGTH && !path.chars().any(char::is_control);
    let add = if add.ends_with(' ') { format!("{add}`") } else { add.to_owned() };
    (!is_on_both_sides && is_writable).then(|| match is_models {
        true => format!(
            "the state dict has nothing below `{path}`: to keep the model's own values there, {add}.except({path:?})` and start \
             from `init(device)`"
        ),
        false => format!("the model has nothing below `{path}`: to ignore what the state dict has there, {add}.except({path:?})`"),
    })
}

/// What two paths have in common.
fn common<'k>(path: &'k str, other: &str) -> &'k str {
    let names = path.split('.').zip(other.split('.')).take_while(|(a, b)| a == b);
    let length: usize = names.map(|(name, _)| name.len() + 1).sum();
    path.get(..length.saturating_sub(1)).unwrap_or_default()
}
