//! Puts the flat entries of a distributed checkpoint back into the dicts and lists that were saved.

use std::sync::Arc;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::value::{Dict, Value};
use crate::hash::FastMap;

/// Dicts and lists inside each other: they are built by recursion.
const DEPTH: usize = 64;

/// One key on the way to an entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Key(Arc<str>),
    Index(usize),
}

/// A value, or what is inside of a dict or list.
enum Node {
    Leaf(Value),
    Inner { steps: FastMap<Step, usize>, children: Vec<(Step, Node)> },
}

/// The tree of `leaves`; those without a path stand under their key.
pub(super) fn nest(leaves: Vec<(Arc<str>, Value)>, paths: &FastMap<Arc<str>, Vec<Step>>) -> Result<Value> {
    let mut root = Node::new();
    for (key, value) in leaves {
        let flat = [Step::Key(Arc::clone(&key))];
        let path = paths.get(&key).map_or(flat.as_slice(), Vec::as_slice);
        let placed = if path.is_empty() || path.len() > DEPTH { None } else { root.insert(path, value) };
        placed.ok_or_else(|| {
            CheckpointError::damaged("the path in `planner_data` is empty, too long or leads through another value")
                .at(format_args!("key `{key}`"))
        })?;
    }
    root.into_value()
}

impl Node {
    fn new() -> Self {
        Self::Inner { steps: FastMap::default(), children: Vec::new() }
    }

    /// `None` if something else is in the way.
    fn insert(&mut self, path: &[Step], value: Value) -> Option<()> {
        let Self::Inner { steps, children } = self else { return None };
        let (first, rest) = path.split_first()?;
        let at = match steps.get(first) {
            Some(_) if rest.is_empty() => return None,
            Some(at) => *at,
            None => {
                steps.insert(first.clone(), children.len());
                let leaf = rest.is_empty();
                children.push((first.clone(), if leaf { Self::Leaf(value.clone()) } else { Self::new() }));
                if leaf {
                    return Some(());
                }
                children.len().saturating_sub(1)
            }
        };
        children.get_mut(at)?.1.insert(rest, value)
    }

    /// A list if all keys are numbers, a dict if all are strings.
    fn into_value(self) -> Result<Value> {
        let children = match self {
            Self::Leaf(value) => return Ok(value),
            Self::Inner { children, .. } => children,
        };
        if !matches!(children.first(), Some((Step::Index(_), _))) {
            let entry = |(step, node): (Step, Self)| match step {
                Step::Key(key) => Ok((Value::Str(key), node.into_value()?)),
                Step::Index(_) => Err(mixed()),
            };
            let entries = children.into_iter().map(entry).collect::<Result<Vec<_>>>()?;
            return Dict::from_entries(entries).map(|dict| Value::Dict(Arc::new(dict))).map_err(|_| mixed());
        }
        let mut items = vec![None; children.len()];
        for (step, node) in children {
            let slot = if let Step::Index(at) = step { items.get_mut(at) } else { None };
            *slot.ok_or_else(mixed)? = Some(node.into_value()?);
        }
        let items: Option<Vec<Value>> = items.into_iter().collect();
        Ok(Value::List(Arc::new(items.ok_or_else(mixed)?.into())))
    }
}

fn mixed() -> CheckpointError {
    CheckpointError::damaged("the paths in `planner_data` make no dict and no list")
        .expected("all strings, or all numbers from 0 on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(all: &[(&str, &[Step])]) -> Result<Value> {
        let leaves = all.iter().enumerate().map(|(at, (key, _))| ((*key).into(), Value::Int(at as i64))).collect();
        let paths = all.iter().filter(|(_, path)| !path.is_empty()).map(|(key, path)| ((*key).into(), path.to_vec()));
        nest(leaves, &paths.collect())
    }

    fn key(key: &str) -> Step {
        Step::Key(key.into())
    }

    #[test]
    fn paths_make_dicts_and_lists() {
        let tree = nested(&[
            ("m.a.b", &[key("m"), key("a.b")]),
            ("g.1", &[key("g"), Step::Index(1)]),
            ("g.0", &[key("g"), Step::Index(0)]),
            ("flat.x", &[]),
        ]);
        assert_eq!(tree.unwrap().to_string(), r#"{"m": {"a.b": 0}, "g": [2, 1], "flat.x": 3}"#);
    }

    #[test]
    fn paths_that_make_nothing_are_refused() {
        assert!(nested(&[("a", &[key("x")]), ("b", &[key("x"), key("y")])]).is_err());
        assert!(nested(&[("a", &[key("x")]), ("b", &[key("x")])]).is_err());
        assert!(nested(&[("a", &[key("x"), Step::Index(1 << 60)])]).is_err());
        assert!(nested(&[("a", &[key("x"), Step::Index(0)]), ("b", &[key("x"), key("y")])]).is_err());
        assert!(nested(&[("a", &vec![key("x"); 1000])]).is_err());
    }
}
