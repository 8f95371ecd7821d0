//! [`Explanation`]: how one key of a state dict may have become one of the model's.

use std::collections::HashSet;

use super::fold::number;
use super::rename::Rule;

/// Names that other frameworks and older files have for the tensors of a layer.
const KNOWN: [(&str, &str); 7] = [
    ("gamma", "weight"),
    ("beta", "bias"),
    ("kernel", "weight"),
    ("scale", "weight"),
    ("embedding", "weight"),
    ("moving_mean", "running_mean"),
    ("moving_variance", "running_var"),
];

/// How the file's keys differ from the model's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Explanation<'k> {
    /// The file has something before them.
    Prefixed(&'k str),
    /// The model has something before them.
    Unprefixed(&'k str),
    /// A path from the root is another in the file.
    Renamed { model: &'k str, file: &'k str },
    /// Names somewhere on the way, or at the end, are others in the file; in the model there may be none.
    Part { model: &'k str, file: &'k str, is_last: bool },
    /// The numbers below a path start elsewhere.
    Renumbered { path: &'k str, by: i64 },
}

/// What two keys differ in.
struct Difference<'k> {
    /// What they have in common before it, without the last dot.
    before: &'k str,
    model: &'k str,
    file: &'k str,
    is_last: bool,
}

impl<'k> Explanation<'k> {
    /// What could make `file` out of `model`. `shift` tells how far the numbers below a path are apart.
    pub(super) fn all(model: &'k str, file: &'k str, shift: impl Fn(&str) -> Option<i64>) -> Vec<Self> {
        let with_dot = |prefix: &&str| prefix.ends_with('.');
        if let Some(prefix) = file.strip_suffix(model).filter(with_dot) {
            return vec![Self::Prefixed(prefix)];
        }
        if let Some(prefix) = model.strip_suffix(file).filter(with_dot) {
            return vec![Self::Unprefixed(prefix)];
        }
        let Difference { before, model: of_model, file: of_file, is_last } = difference(model, file);
        if let (Some(_), Some(_)) = (number(of_model), number(of_file)) {
            let by = shift(before).filter(|by| *by != 0);
            return by.map(|by| Self::Renumbered { path: before, by }).into_iter().collect();
        }
        let has_number = |path: &str| path.split('.').any(|name| number(name).is_some());
        let mut all = Vec::new();
        if !has_number(before) && !is_last {
            all.push(Self::Renamed { model: upto(model, of_model, before), file: upto(file, of_file, before) });
        } else if before.is_empty() {
            all.push(Self::Renamed { model, file });
        }
        if !before.is_empty() && !of_file.is_empty() && !has_number(of_model) && !has_number(of_file) {
            all.push(Self::Part { model: of_model, file: of_file, is_last });
        }
        all
    }

    /// The renaming that undoes it.
    pub(super) fn rule(&self) -> Option<Rule> {
        Some(match self {
            Self::Prefixed(prefix) => Rule::StripPrefix((*prefix).trim_end_matches('.').to_owned()),
            Self::Unprefixed(prefix) => Rule::AddPrefix((*prefix).trim_end_matches('.').to_owned()),
            Self::Renamed { model, file } => Rule::rename(file, model),
            Self::Part { model, file, is_last } => {
                let end = if *is_last { "$" } else { r"\." };
                let pattern = format!(r"\.{}{end}", regex::escape(file));
                let model = model.replace('$', "$$");
                let dot = |text: &str| if text.is_empty() { String::new() } else { format!(".{text}") };
                Rule::regex(&pattern, &format!("{}{}", dot(&model), if *is_last { "" } else { "." })).ok()?
            }
            Self::Renumbered { path, by } => Rule::renumber(path, *by),
        })
    }

    /// Whether it takes a name of another framework for what that name does not mean: `beta` for `weight`.
    pub(super) fn is_wrong(&self) -> bool {
        self.names().is_some_and(|(model, file)| KNOWN.iter().any(|(name, means)| *name == file && *means != model))
    }

    /// Whether both cannot be true: one name is two.
    pub(super) fn conflicts(&self, other: &Self) -> bool {
        match (self.names(), other.names()) {
            (Some((model, file)), Some((other_model, other_file))) => (model == other_model) != (file == other_file),
            _ => false,
        }
    }

    /// How sure it is beside one that conflicts with it.
    pub(super) fn likeness(&self) -> f64 {
        match self.names() {
            Some((model, file)) if KNOWN.contains(&(file, model)) => 1.0,
            Some((model, file)) => strsim::normalized_levenshtein(model, file),
            None => 1.0,
        }
    }

    /// The names that differ, in the model and in the file.
    fn names(&self) -> Option<(&'k str, &'k str)> {
        match *self {
            Self::Renamed { model, file } | Self::Part { model, file, .. } => Some((model, file)),
            _ => None,
        }
    }

    /// The sentence that says it. `file` are the keys of the state dict.
    pub(super) fn text(&self, file: &HashSet<&str>) -> String {
        match self {
            Self::Prefixed(prefix) => {
                let with_prefix = file.iter().filter(|key| key.starts_with(prefix)).count();
                let what = if with_prefix == file.len() {
                    "every key starts".to_owned()
                } else {
                    format!("{with_prefix} keys start")
                };
                format!("{what} with `{prefix}`{}", origin(prefix))
            }
            Self::Unprefixed(prefix) => {
                format!("the model's keys start with `{prefix}`, and those of the state dict do not")
            }
            Self::Part { model: "", file, .. } => format!("the state dict has `{file}` on the way, the model has not"),
            Self::Renamed { model, file } | Self::Part { model, file, .. } => {
                format!("`{model}` is called `{file}` in the state dict")
            }
            Self::Renumbered { path, by } => {
                let direction = if *by < 0 { "higher" } else { "lower" };
                format!("the numbers below `{path}` are {} {direction} in the state dict", by.unsigned_abs())
            }
        }
    }
}

/// `key` up to the end of `part`, which comes after `before`; without a part, `before`.
fn upto<'k>(key: &'k str, part: &str, before: &str) -> &'k str {
    let end = match (before.len(), part.len()) {
        (before, 0) => before,
        (0, part) => part,
        (before, part) => before + 1 + part,
    };
    key.get(..end).unwrap_or(key)
}

/// The names between the first and the last that differ.
fn difference<'k>(model: &'k str, file: &'k str) -> Difference<'k> {
    let (models, files): (Vec<_>, Vec<_>) = (model.split('.').collect(), file.split('.').collect());
    let shorter = models.len().min(files.len());
    let before = models.iter().zip(&files).take_while(|(a, b)| a == b).count().min(shorter);
    let after = models.iter().rev().zip(files.iter().rev()).take_while(|(a, b)| a == b).count().min(shorter - before);
    let part = |key: &'k str, names: &[&str]| {
        let start: usize = names.iter().take(before).map(|name| name.len() + 1).sum();
        let end: usize = names.iter().rev().take(after).map(|name| name.len() + 1).sum();
        key.get(start..key.len().saturating_sub(end)).unwrap_or_default()
    };
    let length: usize = models.iter().take(before).map(|name| name.len() + 1).sum();
    Difference {
        before: model.get(..length.saturating_sub(1)).unwrap_or_default(),
        model: part(model, &models),
        file: part(file, &files),
        is_last: after == 0,
    }
}

/// Who puts a well-known prefix there.
fn origin(prefix: &str) -> &'static str {
    match prefix {
        "module." => " (saved from a `DataParallel` or `DistributedDataParallel` model)",
        "_orig_mod." => " (saved from a `torch.compile`d model)",
        _ => "",
    }
}
