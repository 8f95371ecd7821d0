//! [`nearest`]: the unexpected key that a missing one may be meant by.

use super::report::MissingKey;

/// Below this likeness (1 is equal) two keys of one shape have nothing to do with each other.
const MIN_LIKENESS: f64 = 0.65;
/// The same for keys of different shapes.
const MIN_LIKENESS_OF_NAMES: f64 = 0.85;
/// Among how many unexpected keys a nearest name is searched, and how many pairs are compared: a page is short.
const MAX_CANDIDATES: usize = 4096;
const MAX_PAIRS: usize = 1 << 18;
/// Longer keys are not compared: a comparison takes time by the product of the lengths, and a file can name anything.
pub(super) const MAX_LENGTH: usize = 256;

/// Gives each missing key the unexpected key that is most like it: by name, else the only one of its shape. `shape_of`
/// tells the shape of an unexpected key.
pub(super) fn nearest<'m>(
    missing: impl Iterator<Item = &'m mut MissingKey>,
    unexpected: &[&str],
    shape_of: impl Fn(&str) -> Option<Vec<usize>>,
) {
    let candidates: Vec<_> = unexpected
        .iter()
        .filter(|key| key.len() <= MAX_LENGTH)
        .take(MAX_CANDIDATES)
        .map(|key| (*key, shape_of(key)))
        .collect();
    let mut missing: Vec<_> = missing.take(MAX_PAIRS / candidates.len().max(1)).collect();
    let shapes: Vec<_> = missing.iter().map(|missing| missing.shape.clone()).collect();
    for missing in &mut missing {
        let fits = |shape: &Option<Vec<usize>>| shape.as_ref() == Some(&missing.shape);
        let likeness = |(key, shape): &(&str, Option<Vec<usize>>)| {
            let least = if fits(shape) { MIN_LIKENESS } else { MIN_LIKENESS_OF_NAMES };
            // Among equally like names the one of the right shape is meant.
            strsim::normalized_levenshtein(key, &missing.key) - least
        };
        let best = candidates.iter().map(|candidate| (likeness(candidate), candidate.0));
        let best = best.max_by(|(a, _), (b, _)| a.total_cmp(b)).filter(|(likeness, _)| *likeness >= 0.0);
        let by_shape = || {
            let mut same = candidates.iter().filter(|(_, shape)| fits(shape));
            let is_only = shapes.iter().filter(|shape| **shape == missing.shape).count() == 1;
            same.next().filter(|_| is_only && same.next().is_none()).map(|(key, _)| *key)
        };
        missing.nearest = best.map(|(_, key)| key).or_else(by_shape).map(str::to_owned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(keys: &[&str]) -> Vec<MissingKey> {
        keys.iter().map(|key| MissingKey { key: (*key).to_owned(), shape: vec![2], nearest: None }).collect()
    }

    #[test]
    fn the_nearest_name_prefers_the_right_shape() {
        let mut keys = missing(&["fc1.weight"]);
        let shapes = |key: &str| Some(if key == "fc3.weight" { vec![2] } else { vec![9] });
        nearest(keys.iter_mut(), &["fc2.weight", "fc3.weight", "something.else"], shapes);
        assert_eq!(keys[0].nearest.as_deref(), Some("fc3.weight"));
        nearest(keys.iter_mut(), &["something.else"], |_| None);
        assert_eq!(keys[0].nearest, None);
    }

    #[test]
    fn a_name_that_is_like_none_is_found_by_its_shape_if_that_is_unique() {
        let shapes = |key: &str| Some(if key == "x" { vec![2] } else { vec![9] });
        let mut keys = missing(&["fc1.weight"]);
        nearest(keys.iter_mut(), &["x", "y"], shapes);
        assert_eq!(keys[0].nearest.as_deref(), Some("x"));
        let mut keys = missing(&["fc1.weight", "fc2.weight"]);
        nearest(keys.iter_mut(), &["x", "y"], shapes);
        assert_eq!(keys[0].nearest, None);
    }
}
