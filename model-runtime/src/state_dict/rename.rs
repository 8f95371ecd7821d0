//! [`Rule`]: how the keys of a file become the keys of a model.

use std::fmt;
use std::sync::Arc;

/// One renaming of keys, applied to every key.
#[derive(Clone)]
pub(super) enum Rule {
    /// Removes a path at the front, where it is there: `module`.
    StripPrefix(String),
    /// Puts a path before every key.
    AddPrefix(String),
    /// Renames a key, and everything below it: `encoder.bert` to `bert`.
    Rename(String, String),
    /// Whatever a function says.
    With(Arc<dyn Fn(&str) -> String + Send + Sync>),
}

impl Rule {
    pub(super) fn strip_prefix(prefix: &str) -> Self {
        Self::StripPrefix(path(prefix))
    }

    pub(super) fn add_prefix(prefix: &str) -> Self {
        Self::AddPrefix(path(prefix))
    }

    pub(super) fn rename(from: &str, to: &str) -> Self {
        Self::Rename(path(from), path(to))
    }

    pub(super) fn apply(&self, key: &str) -> String {
        match self {
            Self::StripPrefix(prefix) => renamed(key, prefix, "").unwrap_or_else(|| key.to_owned()),
            Self::AddPrefix(prefix) => joined(prefix, key),
            Self::Rename(from, to) => renamed(key, from, to).unwrap_or_else(|| key.to_owned()),
            Self::With(function) => function(key),
        }
    }

    /// What becomes of the path of a module; `None` for a function, which knows keys only.
    pub(super) fn apply_to_module(&self, path: &str) -> Option<String> {
        match self {
            Self::StripPrefix(prefix) if prefix == path => Some(String::new()),
            Self::AddPrefix(prefix) if path.is_empty() => Some(prefix.clone()),
            Self::With(_) => None,
            rule => Some(rule.apply(path)),
        }
    }
}

/// A path as it was given, without its last dot.
fn path(given: &str) -> String {
    given.strip_suffix('.').unwrap_or(given).to_owned()
}

/// `key` with `to` for `from`, if it is `from` or below it.
fn renamed(key: &str, from: &str, to: &str) -> Option<String> {
    let below = key.strip_prefix(from)?;
    match below.strip_prefix('.') {
        Some(below) => Some(joined(to, below)),
        None => (below.is_empty() && !to.is_empty()).then(|| to.to_owned()),
    }
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StripPrefix(prefix) => write!(f, "strip_prefix({prefix:?})"),
            Self::AddPrefix(prefix) => write!(f, "add_prefix({prefix:?})"),
            Self::Rename(from, to) => write!(f, "rename({from:?}, {to:?})"),
            Self::With(_) => f.write_str("rename_with(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_stripped_only_at_the_front_with_or_without_its_dot() {
        for prefix in ["module.", "module"] {
            let rule = Rule::strip_prefix(prefix);
            assert_eq!(rule.apply("module.features.module.0.weight"), "features.module.0.weight");
            assert_eq!(rule.apply("fc.weight"), "fc.weight");
            assert_eq!(rule.apply("modules.weight"), "modules.weight");
            assert_eq!(Rule::add_prefix(prefix).apply("fc.weight"), "module.fc.weight");
        }
    }

    #[test]
    fn a_rename_ends_at_the_dots() {
        let rule = Rule::rename("fc", "head.fc");
        assert_eq!(rule.apply("fc.weight"), "head.fc.weight");
        assert_eq!(rule.apply("fc"), "head.fc");
        assert_eq!(rule.apply("fc1.weight"), "fc1.weight");
        assert_eq!(Rule::rename("model.", "").apply("model.fc.weight"), "fc.weight");
    }
}
