//! The path of an entry inside a checkpoint: `ema.model`, `optimizer/state/0`.

use super::error::{CheckpointError, Result};
use super::value::Value;

/// Names that are listed when one is not found.
const LISTED: usize = 20;

/// The entry of `root` at `path`, and the keys that lead to it.
pub(super) fn find<'a>(root: &'a Value, path: &str) -> Result<(Vec<String>, &'a Value)> {
    let mut keys = Vec::new();
    match descend(root, path, &mut keys) {
        Some(value) => Ok((keys, value)),
        None => Err(not_found(root, path)),
    }
}

/// Tries the longest key first: the whole text, then what stands before the last separator, and so on.
fn descend<'a>(value: &'a Value, path: &str, keys: &mut Vec<String>) -> Option<&'a Value> {
    if let Some(found) = child(value, path) {
        keys.push(path.to_owned());
        return Some(found);
    }
    for (at, separator) in path.rmatch_indices(['.', '/']) {
        let (Some(key), Some(rest)) = (path.get(..at), path.get(at.saturating_add(separator.len())..)) else {
            continue;
        };
        if let Some(inner) = child(value, key) {
            keys.push(key.to_owned());
            if let Some(found) = descend(inner, rest, keys) {
                return Some(found);
            }
            keys.pop();
        }
    }
    None
}

/// The entry of a dict, the element of a list, the attribute of an object.
fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let number = || key.parse::<i64>().ok().filter(|number| number.to_string() == key);
    match value {
        Value::Dict(dict) => dict.get(key).or_else(|| dict.get_int(number()?)),
        Value::List(items) | Value::Tuple(items) => items.get(usize::try_from(number()?).ok()?),
        Value::Opaque(object) => child(object.state(), key),
        _ => None,
    }
}

/// The names of the entries of a container.
pub(super) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Dict(dict) => {
            dict.iter().map(|(key, _)| key.as_str().map_or_else(|| key.to_string(), str::to_owned)).collect()
        }
        Value::List(items) | Value::Tuple(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        Value::Opaque(object) if !object.state().is_none() => names_of_state(object.state()),
        _ => Vec::new(),
    }
}

/// An object's state is a dict of attributes, or it has none with a name.
fn names_of_state(state: &Value) -> Vec<String> {
    if state.as_dict().is_some() { names(state) } else { Vec::new() }
}

/// Says how far the path leads, and what there is.
fn not_found(root: &Value, path: &str) -> CheckpointError {
    let (mut value, mut rest, mut seen) = (root, path, String::new());
    while let Some((key, after)) = rest.split_once(['.', '/']) {
        let Some(inner) = child(value, key) else { break };
        seen.push_str(if seen.is_empty() { "" } else { "." });
        seen.push_str(key);
        (value, rest) = (inner, after);
    }
    let there = names(value);
    let place = if seen.is_empty() { "the checkpoint".to_owned() } else { format!("`{seen}`") };
    let error = CheckpointError::not_found(format_args!("there is no entry `{rest}` in {place}"));
    if there.is_empty() {
        return error.got(format_args!("a {} without entries", value.type_name()));
    }
    let more = there.len().saturating_sub(LISTED);
    let listed = there.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let error =
        error.expected(if more == 0 { format!("one of {listed}") } else { format!("one of {listed} and {more} more") });
    match nearest(rest, &there) {
        Some(name) => error.fix(format_args!("did you mean `{name}`?")),
        None => error,
    }
}

/// The name that differs least, if it is near enough to be meant.
fn nearest<'a>(name: &str, candidates: &'a [String]) -> Option<&'a str> {
    /// Similarity below this is chance: `epoch` and `model` have 0.46.
    const NEAR: f64 = 0.75;
    /// Names that are compared: the work grows with each.
    const COMPARED: usize = 10_000;
    let scored =
        candidates.iter().take(COMPARED).map(|candidate| (strsim::jaro_winkler(name, candidate), candidate.as_str()));
    scored.filter(|(score, _)| *score >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::checkpoint::value::Dict;

    fn dict(entries: Vec<(Value, Value)>) -> Value {
        Value::Dict(Arc::new(Dict::from_entries(entries).unwrap()))
    }

    fn text(text: &str) -> Value {
        Value::Str(text.into())
    }

    fn tree() -> Value {
        let list = Value::List(Arc::new(vec![Value::Int(7), Value::Int(8)].into()));
        let inner = dict(vec![(text("fc.weight"), Value::Int(1)), (Value::Int(0), list)]);
        dict(vec![(text("model"), inner), (text("model.fc"), Value::Int(2))])
    }

    #[test]
    fn the_longest_key_is_tried_first() {
        let tree = tree();
        let at = |path| find(&tree, path).unwrap().1.as_int();
        assert_eq!(at("model.fc.weight"), Some(1));
        assert_eq!(at("model/fc.weight"), Some(1));
        assert_eq!(at("model.fc"), Some(2));
        assert_eq!(at("model.0.1"), Some(8));
        assert_eq!(find(&tree, "model.fc.weight").unwrap().0, ["model", "fc.weight"]);
    }

    #[test]
    fn a_missing_entry_is_told_what_there_is() {
        let error = |path| find(&tree(), path).unwrap_err().to_string();
        assert_eq!(
            error("modle"),
            "there is no entry `modle` in the checkpoint, expected: one of `model`, `model.fc`; did you mean `model`?"
        );
        assert!(error("model.fx").contains("no entry `fx` in `model`"), "{}", error("model.fx"));
        assert!(error("model.00").contains("no entry"));
        assert!(error("model.fc.weight.x").contains("no entry"));
        assert!(error("").contains("no entry ``"));
    }
}
