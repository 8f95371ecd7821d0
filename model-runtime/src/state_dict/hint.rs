//! What to write when keys do not match: the nearest name, and the one rule that explains all.

use std::collections::HashSet;

use super::report::MissingKey;

/// Below this likeness (1 is equal) two keys have nothing to do with each other.
const MIN_LIKENESS: f64 = 0.75;
/// How many missing keys get a nearest name, and among how many: the search is quadratic, and a page shows a dozen.
const MAX_SEARCHED: usize = 32;
const MAX_CANDIDATES: usize = 4096;

/// Gives each missing key the unexpected key that is most like it. `shape_of` tells the shape of an unexpected key.
pub(super) fn nearest(
    missing: &mut [MissingKey],
    unexpected: &[String],
    shape_of: impl Fn(&str) -> Option<Vec<usize>>,
) {
    for missing in missing.iter_mut().take(MAX_SEARCHED) {
        let likeness = |key: &String| {
            let fits = shape_of(key).is_some_and(|shape| shape == missing.shape);
            // Among equally like names the one of the right shape is meant.
            strsim::normalized_levenshtein(key, &missing.key) + if fits { 0.1 } else { 0.0 }
        };
        let candidates = unexpected.iter().take(MAX_CANDIDATES).map(|key| (likeness(key), key));
        let best = candidates.max_by(|(a, _), (b, _)| a.total_cmp(b));
        missing.nearest = best.filter(|(likeness, _)| *likeness >= MIN_LIKENESS).map(|(_, key)| key.clone());
    }
}

/// The one rule that makes every missing key an unexpected one and leaves those that `matched` alone, as a sentence with
/// the code to write.
pub(super) fn rule(missing: &[MissingKey], unexpected: &[String], matched: &[&str]) -> Option<String> {
    let first = missing.first()?;
    let names: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
    // A key without its index or prefix may match several; the shortest explanation comes first.
    unexpected
        .iter()
        .take(MAX_CANDIDATES)
        .filter_map(|key| Explanation::of(&first.key, key))
        .filter(|rule| matched.iter().all(|key| rule.spares(key)))
        .find(|rule| missing.iter().all(|missing| names.contains(rule.in_file(&missing.key).as_str())))
        .map(|rule| rule.text(unexpected))
}

/// How the file's keys differ from the model's.
enum Explanation<'k> {
    /// The file has something before them.
    Prefixed(&'k str),
    /// The model has something before them.
    Unprefixed(&'k str),
    /// One name on the way is another in the file.
    Renamed { model: &'k str, file: &'k str },
}

impl<'k> Explanation<'k> {
    /// What would make `file` out of `model`.
    fn of(model: &'k str, file: &'k str) -> Option<Self> {
        if let Some(prefix) = file.strip_suffix(model).filter(|prefix| prefix.ends_with('.')) {
            return Some(Self::Prefixed(prefix));
        }
        if let Some(prefix) = model.strip_suffix(file).filter(|prefix| prefix.ends_with('.')) {
            return Some(Self::Unprefixed(prefix));
        }
        let (models, files) = (model.split('.'), file.split('.'));
        if models.clone().count() != files.clone().count() {
            return None;
        }
        let mut differing = models.zip(files).filter(|(model, file)| model != file);
        match (differing.next(), differing.next()) {
            (Some((model, file)), None) => Some(Self::Renamed { model, file }),
            _ => None,
        }
    }

    /// Whether the code to write would leave a key as it is.
    fn spares(&self, key: &str) -> bool {
        match self {
            Self::Prefixed(prefix) => !key.starts_with(prefix),
            Self::Unprefixed(_) => false,
            // This one is written on a single field.
            Self::Renamed { .. } => true,
        }
    }

    /// The file's name for a key of the model.
    fn in_file(&self, key: &str) -> String {
        match self {
            Self::Prefixed(prefix) => format!("{prefix}{key}"),
            Self::Unprefixed(prefix) => key.strip_prefix(prefix).unwrap_or(key).to_owned(),
            Self::Renamed { model, file } => {
                let names: Vec<_> = key.split('.').map(|name| if name == *model { file } else { name }).collect();
                names.join(".")
            }
        }
    }

    /// What to write, where the state dict has these keys that the model lacks.
    fn text(&self, unexpected: &[String]) -> String {
        match self {
            Self::Prefixed(prefix) => {
                let all = unexpected.iter().all(|key| key.starts_with(prefix));
                let what = if all { "every key starts with" } else { "every missing key is there, behind" };
                let origin = origin(prefix);
                format!("{what} `{prefix}`: load `state.strip_prefix({prefix:?})?` instead{origin}")
            }
            Self::Unprefixed(prefix) => {
                format!("no key starts with `{prefix}`: load `state.add_prefix({prefix:?})?` instead")
            }
            Self::Renamed { model, file } => format!(
                "`{model}` is called `{file}` in the state dict: write `#[module(rename = {file:?})]` on the field, or load \
                 with `LoadOptions::rename_with`"
            ),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(keys: &[&str]) -> Vec<MissingKey> {
        keys.iter().map(|key| MissingKey { key: (*key).to_owned(), shape: vec![2], nearest: None }).collect()
    }

    fn names(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    #[test]
    fn a_prefix_that_explains_all_is_named() {
        let hint =
            rule(&missing(&["fc.weight", "fc.bias"]), &names(&["module.fc.weight", "module.fc.bias"]), &[]).unwrap();
        assert!(hint.contains("`state.strip_prefix(\"module.\")?`"), "{hint}");
        let hint = rule(&missing(&["a.w"]), &names(&["_orig_mod.module.a.w"]), &[]).unwrap();
        assert!(hint.contains("\"_orig_mod.module.\""), "{hint}");
    }

    #[test]
    fn a_prefix_that_explains_only_some_is_not() {
        assert_eq!(rule(&missing(&["fc.weight", "fc.bias"]), &names(&["module.fc.weight", "fc.beta"]), &[]), None);
    }

    #[test]
    fn a_rule_that_would_break_what_matches_is_not_one() {
        assert_eq!(rule(&missing(&["net.b.w"]), &names(&["b.w"]), &["net.a.w"]), None);
        assert_eq!(rule(&missing(&["b.w"]), &names(&["net.b.w"]), &["net.a.w"]), None);
        assert!(rule(&missing(&["b.w"]), &names(&["net.b.w"]), &["a.w"]).is_some());
    }

    #[test]
    fn a_missing_prefix_and_a_renamed_part_are_found() {
        let hint = rule(&missing(&["net.fc.w", "net.fc.b"]), &names(&["fc.w", "fc.b"]), &[]).unwrap();
        assert!(hint.contains("state.add_prefix(\"net.\")"), "{hint}");
        let hint = rule(&missing(&["fc.w", "fc.b"]), &names(&["lin.w", "lin.b"]), &[]).unwrap();
        assert!(hint.contains("rename = \"lin\""), "{hint}");
    }

    #[test]
    fn the_nearest_name_prefers_the_right_shape() {
        let mut keys = missing(&["fc1.weight"]);
        let shapes = |key: &str| Some(if key == "fc3.weight" { vec![2] } else { vec![9] });
        nearest(&mut keys, &names(&["fc2.weight", "fc3.weight", "something.else"]), shapes);
        assert_eq!(keys[0].nearest.as_deref(), Some("fc3.weight"));
        nearest(&mut keys, &names(&["something.else"]), |_| None);
        assert_eq!(keys[0].nearest, None);
    }
}
