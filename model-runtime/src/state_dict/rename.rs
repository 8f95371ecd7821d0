//! [`Rule`]: how the keys of a file become the keys of a model.

use std::fmt;
use std::sync::Arc;

use regex::Regex;

use super::fold::number;
use crate::error::{Error, Result};

/// One renaming of keys, applied to every key.
#[derive(Clone)]
pub(super) enum Rule {
    /// Removes a path at the front, where it is there: `module`.
    StripPrefix(String),
    /// Puts a path before every key.
    AddPrefix(String),
    /// Renames a key, and everything below it: `encoder.bert` to `bert`.
    Rename(String, String),
    /// Replaces what a regular expression matches.
    Regex(Regex, String),
    /// Adds to the number after a path: `layers.1.weight` to `layers.0.weight`.
    Renumber(String, i64),
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

    /// # Errors
    ///
    /// `pattern` is no regular expression, or `replacement` names a group that it does not have: it would be replaced by
    /// nothing without a word.
    pub(super) fn regex(pattern: &str, replacement: &str) -> Result<Self> {
        let refused =
            |reason: String| Error::unsupported(format_args!("rename_regex({pattern:?}, {replacement:?}): {reason}"));
        let regex = Regex::new(pattern).map_err(|error| refused(error.to_string()))?;
        if let Some(digit) = after_backslash(replacement) {
            return Err(refused(format!("a group is written `${{{digit}}}` in the replacement, not `\\{digit}`")));
        }
        match groups(replacement).find(|name| !has_group(&regex, name)) {
            None => Ok(Self::Regex(regex, replacement.to_owned())),
            Some(name) => {
                Err(refused(format!("the pattern has no group `{name}`; write `${{1}}` for the first, `$$` for a `$`")))
            }
        }
    }

    pub(super) fn renumber(path_: &str, by: i64) -> Self {
        Self::Renumber(path(path_), by)
    }

    pub(super) fn apply(&self, key: &str) -> String {
        match self {
            Self::StripPrefix(prefix) => renamed(key, prefix, "").unwrap_or_else(|| key.to_owned()),
            Self::AddPrefix(prefix) => joined(prefix, key),
            Self::Rename(from, to) => renamed(key, from, to).unwrap_or_else(|| key.to_owned()),
            Self::Regex(regex, replacement) => regex.replace_all(key, replacement).into_owned(),
            Self::Renumber(path, by) => renumbered(key, path, *by).unwrap_or_else(|| key.to_owned()),
            Self::With(function) => function(key),
        }
    }

    /// What becomes of the path of a module; `None` for what knows keys only.
    pub(super) fn apply_to_module(&self, path: &str) -> Option<String> {
        match self {
            Self::StripPrefix(prefix) if prefix == path => Some(String::new()),
            Self::AddPrefix(prefix) if path.is_empty() => Some(prefix.clone()),
            Self::With(_) | Self::Regex(..) => None,
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

/// `key` with another number after `path`, if it is below it and stays one.
fn renumbered(key: &str, path: &str, by: i64) -> Option<String> {
    let below = if path.is_empty() { key } else { key.strip_prefix(path)?.strip_prefix('.')? };
    let (name, rest) = below.split_once('.').map_or((below, None), |(name, rest)| (name, Some(rest)));
    let number = number(name)?.checked_add_signed(by)?.to_string();
    let name = joined(path, &number);
    Some(rest.map_or_else(|| name.clone(), |rest| joined(&name, rest)))
}

/// The digit of a group as Python writes it: `\\1`.
fn after_backslash(replacement: &str) -> Option<char> {
    replacement.split('\\').skip(1).find_map(|rest| rest.chars().next().filter(char::is_ascii_digit))
}

/// The names of the groups in a replacement, as the crate `regex` reads them: `$name` and `${name}`.
fn groups(replacement: &str) -> impl Iterator<Item = &str> {
    let mut rest = replacement;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('$')?;
            if let Some(escaped) = after.strip_prefix('$') {
                rest = escaped;
                continue;
            }
            if let Some((name, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                rest = after;
                return Some(name);
            }
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            rest = after;
            if !name.is_empty() {
                return Some(name);
            }
        }
    })
}

fn has_group(regex: &Regex, name: &str) -> bool {
    match name.parse::<usize>() {
        Ok(index) => index < regex.captures_len(),
        Err(_) => regex.capture_names().flatten().any(|group| group == name),
    }
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// The method of [`LoadOptions`](super::LoadOptions) that makes the rule, as code.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StripPrefix(prefix) => write!(f, "strip_prefix({:?})", format!("{prefix}.")),
            Self::AddPrefix(prefix) => write!(f, "add_prefix({:?})", format!("{prefix}.")),
            Self::Rename(from, to) => write!(f, "rename({from:?}, {to:?})"),
            Self::Regex(regex, replacement) => {
                write!(f, "rename_regex({}, {replacement:?})?", literal(regex.as_str()))
            }
            Self::Renumber(path, by) => write!(f, "renumber({path:?}, {by})"),
            Self::With(_) => f.write_str("rename_with(..)"),
        }
    }
}

/// A pattern as it is written in Rust.
fn literal(pattern: &str) -> String {
    let is_raw = pattern.contains('\\') && !pattern.contains(['"', '\n']);
    if is_raw { format!("r\"{pattern}\"") } else { format!("{pattern:?}") }
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
    fn a_regex_replaces_every_match_and_its_groups_are_checked() {
        let rule = Rule::regex(r"^h\.(\d+)\.", "layers.$1.").unwrap();
        assert_eq!(rule.apply("h.11.ln.weight"), "layers.11.ln.weight");
        assert_eq!(rule.apply("wh.11.ln.weight"), "wh.11.ln.weight");
        assert_eq!(format!("{rule:?}"), r#"rename_regex(r"^h\.(\d+)\.", "layers.$1.")?"#);
        // `$1_a` is the group `1_a`, which the crate would replace by nothing.
        for (pattern, replacement, says) in [
            ("(a)", "$1_a", "no group `1_a`"),
            ("(a)", r"\1", "is written `${1}`"),
            ("a", "$1", "no group `1`"),
            ("(", "", "rename_regex(\"(\""),
        ] {
            let error = Rule::regex(pattern, replacement).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(Rule::regex("(?<n>a)", "$$${n}${1}").unwrap().apply("ba"), "b$aa");
    }

    #[test]
    fn numbers_after_a_path_are_shifted_and_never_negative() {
        let rule = Rule::renumber("encoder.layers", -1);
        assert_eq!(rule.apply("encoder.layers.12.w"), "encoder.layers.11.w");
        assert_eq!(rule.apply("encoder.layers.1"), "encoder.layers.0");
        assert_eq!(rule.apply("encoder.layers.0.w"), "encoder.layers.0.w");
        assert_eq!(rule.apply("decoder.layers.1.w"), "decoder.layers.1.w");
        assert_eq!(rule.apply("encoder.layers.norm.w"), "encoder.layers.norm.w");
        assert_eq!(Rule::renumber("", 2).apply("0.weight"), "2.weight");
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
