//! [`hint`]: the renames that would make most of a state dict fit, found by trying them, as the code to write.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::explanation::Explanation;
use super::fold::number;
use super::nearest::MAX_LENGTH;
use super::rename::Rule;
use super::rest::rest;

/// How many renames are chained.
const MAX_RULES: usize = 4;
/// How many renames are tried in each round.
const MAX_TRIED: usize = 24;
/// From how many missing keys, and how many unexpected ones, renames are guessed.
const MAX_SAMPLES: usize = 16;
const MAX_CANDIDATES: usize = 4096;
/// With more keys than this no rename is tried: an error shall not take seconds.
const MAX_KEYS: usize = 1 << 14;

/// The keys of the model that the state dict may fill.
pub(super) type Model<'k> = IndexMap<&'k str, Slot<'k>>;

/// What the state dict may have under a key of the model.
pub(super) struct Slot<'k> {
    pub(super) shape: &'k [usize],
    /// Whether it must have it.
    pub(super) is_required: bool,
}

/// The keys of the state dict, and their shapes if they are tensors.
pub(super) type File<'k> = Vec<(String, Option<&'k [usize]>)>;

/// What would make most of a state dict fit.
pub(super) struct Hint {
    pub(super) text: String,
    /// The keys on both sides that it matches.
    pub(super) explained: HashSet<String>,
}

/// The renames that match most of the missing keys, and what is wrong after them. `chained` says that the load renames
/// already.
pub(super) fn hint(model: &Model<'_>, file: &File<'_>, chained: bool) -> Option<Hint> {
    let found = if model.len().max(file.len()) <= MAX_KEYS { search(model, file) } else { None };
    let Some(found) = found else {
        let text = rest(model, file, if chained { "add " } else { "load with `LoadOptions::new()" })?;
        return Some(Hint { text, explained: HashSet::new() });
    };
    let load = if chained { "add `" } else { "load with `LoadOptions::new()" };
    let code: String = found.rules.iter().map(|rule| format!(".{rule:?}")).collect();
    let mut text = format!("{}: {load}{code}`", found.why.join("; "));
    if found.matched < found.missing {
        text.push_str(&format!(", which matches {} of the {} missing keys", found.matched, found.missing));
    }
    if let Some(rest) = rest(model, &found.file, "add ") {
        text.push_str(&format!("; then {rest}"));
    }
    let names: HashSet<&str> = found.file.iter().map(|(key, _)| key.as_str()).collect();
    let missing = differences(model, file).0;
    let of_model = missing.into_iter().filter(|key| names.contains(key)).map(str::to_owned);
    let of_file =
        file.iter().zip(&found.file).filter(|((old, _), (new, _))| old != new && model.contains_key(new.as_str()));
    let explained = of_model.chain(of_file.map(|((old, _), _)| old.clone())).collect();
    Some(Hint { text, explained })
}

/// Renames, and what they do.
struct Found<'k> {
    rules: Vec<Rule>,
    why: Vec<String>,
    /// The state dict after them.
    file: File<'k>,
    missing: usize,
    matched: usize,
}

/// Adds the best rename until none is left that matches a good part; `None` if most keys stay missing.
fn search<'k>(model: &Model<'_>, file: &File<'k>) -> Option<Found<'k>> {
    let at_first = differences(model, file).0.len();
    let fitting = fits(model, file);
    let mut found = Found { rules: Vec::new(), why: Vec::new(), file: file.clone(), missing: at_first, matched: 0 };
    while found.rules.len() < MAX_RULES {
        let Some((fits, rule, why, renamed)) = best(model, &found.file) else { break };
        let gain = fits.saturating_sub(fitting + found.matched);
        if gain == 0 || gain * 8 < at_first {
            break;
        }
        found.matched += gain;
        found.rules.push(rule);
        found.why.push(why);
        found.file = renamed;
    }
    (found.matched * 2 > at_first).then_some(found)
}

/// The rename after which most keys fit, unless another one that contradicts it is as good.
fn best<'k>(model: &Model<'_>, file: &File<'k>) -> Option<(usize, Rule, String, File<'k>)> {
    let mut tried: Vec<_> = candidates(model, file)
        .into_iter()
        .filter_map(|explanation| {
            let rule = explanation.rule()?;
            let renamed = renamed(&rule, file)?;
            Some((fits(model, &renamed), explanation, rule, renamed))
        })
        .collect();
    let fitting = fits(model, file);
    tried.sort_by_key(|(fits, ..)| std::cmp::Reverse(*fits));
    let is_sure = |(fits, explanation, ..): &(usize, Explanation<'_>, Rule, File<'k>)| {
        let rivals = tried.iter().filter(|(other, rival, ..)| other == fits && explanation.conflicts(rival));
        let rivals: Vec<_> = rivals.map(|(_, rival, ..)| rival.likeness()).collect();
        let own = explanation.likeness();
        // One name for another, on the word of one key: only if they are alike.
        let is_likely = *fits > fitting + 1 || own >= 0.5;
        is_likely && rivals.is_empty() || own >= 0.5 && rivals.iter().all(|rival| *rival + 0.1 < own)
    };
    let position = tried.iter().position(is_sure)?;
    let names = file.iter().map(|(key, _)| key.as_str()).collect();
    let (fits, explanation, rule, _) = tried.get(position)?;
    let (fits, why, rule) = (*fits, explanation.text(&names), rule.clone());
    Some((fits, rule, why, tried.swap_remove(position).3))
}

/// The explanations of pairs of a missing and an unexpected key, those of most pairs first.
fn candidates<'k>(model: &Model<'k>, file: &'k File<'_>) -> Vec<Explanation<'k>> {
    let (missing, mut unexpected) = differences(model, file);
    // What cannot be written as code is no key that a person chose.
    unexpected.retain(|key| key.len() <= MAX_LENGTH && !key.chars().any(char::is_control));
    let step = missing.len().div_ceil(MAX_SAMPLES).max(1);
    let firsts = (first_numbers(model.keys().copied()), first_numbers(file.iter().map(|(key, _)| key.as_str())));
    let shift = |path: &str| firsts.0.get(path)?.checked_signed_diff(*firsts.1.get(path)?);
    let mut votes: IndexMap<Explanation<'_>, HashSet<&str>> = IndexMap::new();
    for key in missing.iter().step_by(step) {
        for other in unexpected.iter().take(MAX_CANDIDATES) {
            for explanation in Explanation::all(key, other, shift) {
                votes.entry(explanation).or_default().insert(key);
            }
        }
    }
    let mut votes: Vec<_> = votes.into_iter().filter(|(explanation, _)| !explanation.is_wrong()).collect();
    votes.sort_by_key(|(_, votes)| std::cmp::Reverse(votes.len()));
    votes.into_iter().take(MAX_TRIED).map(|(explanation, _)| explanation).collect()
}

/// The smallest number below each path.
fn first_numbers<'k>(keys: impl Iterator<Item = &'k str>) -> HashMap<&'k str, u64> {
    let mut firsts: HashMap<&str, u64> = HashMap::new();
    for key in keys {
        let mut start = 0;
        for name in key.split('.') {
            if let (Some(number), Some(path)) = (number(name), key.get(..start.max(1) - 1)) {
                let first = firsts.entry(path).or_insert(number);
                *first = number.min(*first);
            }
            start += name.len() + 1;
        }
    }
    firsts
}

/// The keys of the model that the state dict lacks, and those of the state dict that the model lacks.
pub(super) fn differences<'m, 'f>(model: &Model<'m>, file: &'f File<'_>) -> (Vec<&'m str>, Vec<&'f str>) {
    let names: HashSet<&str> = file.iter().map(|(key, _)| key.as_str()).collect();
    let missing = model.iter().filter(|(key, slot)| slot.is_required && !names.contains(*key));
    let missing = missing.map(|(key, _)| *key).collect();
    (missing, file.iter().map(|(key, _)| key.as_str()).filter(|key| !model.contains_key(key)).collect())
}

/// The state dict after a rename; `None` if two keys become one.
fn renamed<'k>(rule: &Rule, file: &File<'k>) -> Option<File<'k>> {
    let renamed: File<'k> = file.iter().map(|(key, shape)| (rule.apply(key), *shape)).collect();
    let names: HashSet<&str> = renamed.iter().map(|(key, _)| key.as_str()).collect();
    (names.len() == renamed.len()).then_some(renamed)
}

/// How many keys of both have one shape, or are transposed.
fn fits(model: &Model<'_>, file: &File<'_>) -> usize {
    let fits = |(key, got): &&(String, Option<&[usize]>)| {
        model.get(key.as_str()).zip(*got).is_some_and(|(slot, got)| slot.shape == got || is_transposed(slot.shape, got))
    };
    file.iter().filter(fits).count()
}

pub(super) fn is_transposed(shape: &[usize], got: &[usize]) -> bool {
    shape != got && shape.len() == 2 && shape.iter().rev().eq(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint_of(model: &[&str], file: &[&str]) -> Option<String> {
        let model: Model<'_> = model.iter().map(|key| (*key, Slot { shape: &[2], is_required: true })).collect();
        let file = file.iter().map(|key| ((*key).to_owned(), Some(&[2][..]))).collect();
        hint(&model, &file, false).map(|hint| hint.text)
    }

    #[test]
    fn a_prefix_that_explains_all_is_named() {
        let hint = hint_of(&["fc.weight", "fc.bias"], &["module.fc.weight", "module.fc.bias"]).unwrap();
        assert!(hint.ends_with(r#": load with `LoadOptions::new().strip_prefix("module.")`"#), "{hint}");
        let hint = hint_of(&["a.w"], &["_orig_mod.module.a.w"]).unwrap();
        assert!(hint.contains(r#".strip_prefix("_orig_mod.module.")"#), "{hint}");
    }

    #[test]
    fn a_rule_that_explains_no_more_than_half_is_not_named() {
        assert_eq!(hint_of(&["fc.weight", "fc.bias"], &["module.fc.weight", "fc.offset"]), None);
    }

    #[test]
    fn a_rule_that_would_break_what_matches_is_not_one() {
        assert_eq!(hint_of(&["net.a.w", "net.b.w"], &["net.a.w", "net.net.c.w"]), None);
        assert!(hint_of(&["a.w", "b.w"], &["a.w", "net.b.w"]).is_some());
    }

    #[test]
    fn a_missing_prefix_and_a_renamed_part_are_found() {
        let hint = hint_of(&["net.fc.w", "net.fc.b"], &["fc.w", "fc.b"]).unwrap();
        assert!(hint.contains(r#"LoadOptions::new().add_prefix("net.")"#), "{hint}");
        let hint = hint_of(&["fc.w", "fc.b"], &["lin.w", "lin.b"]).unwrap();
        assert!(
            hint.contains(
                r#"`fc` is called `lin` in the state dict: load with `LoadOptions::new().rename("lin", "fc")`"#
            )
        );
    }

    #[test]
    fn of_two_rules_that_contradict_each_other_none_is_named() {
        let hint = hint_of(&["fc1.w", "fc1.b"], &["one.w", "one.b", "two.w", "two.b"]);
        assert_eq!(hint, None);
        let hint = hint_of(&["a.ln.weight", "a.ln.bias"], &["a.ln.gamma", "a.ln.beta"]).unwrap();
        assert!(hint.contains(r#".rename_regex(r"\.gamma$", ".weight")?"#), "{hint}");
        assert!(hint.contains(r#".rename_regex(r"\.beta$", ".bias")?"#), "{hint}");
    }

    #[test]
    fn names_in_the_middle_and_shifted_numbers_are_found() {
        let hint = hint_of(&["h.0.fc.w", "h.1.fc.w"], &["h.0.module.fc.w", "h.1.module.fc.w"]).unwrap();
        assert!(hint.contains(r#".rename_regex(r"\.module\.", ".")?"#), "{hint}");
        let hint = hint_of(&["h.0.w", "h.1.w"], &["h.1.w", "h.2.w"]).unwrap();
        assert!(hint.contains(r#".renumber("h", -1)"#), "{hint}");
    }
}
