//! [`fold`]: lines that differ in a number become one, as `layers.{0..11}.attn.weight`.

use std::collections::BTreeSet;

use indexmap::IndexMap;

/// A line of a report about one key, or after folding about several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Line {
    /// The key.
    pub(super) key: String,
    /// A second key, whose numbers are folded with those of the first where they are equal.
    pub(super) other: Option<String>,
    /// What is said about it: lines are folded only where it is the same.
    pub(super) text: String,
    /// How many keys it is about.
    pub(super) count: usize,
}

impl Line {
    pub(super) fn new(key: &str, other: Option<&str>, text: impl Into<String>) -> Self {
        Self { key: key.to_owned(), other: other.map(str::to_owned), text: text.into(), count: 1 }
    }
}

/// The lines, each in the place of the first that is folded into it.
pub(super) fn fold(mut lines: Vec<Line>) -> Vec<Line> {
    let depth = lines.iter().map(|line| line.key.split('.').count()).max().unwrap_or(0);
    // From the last name to the first: `{0..11}` has dots of its own.
    for position in (0..depth).rev() {
        lines = fold_at(lines, position);
    }
    lines
}

/// The name that stands where the number is while lines are compared: no key has a line break.
const HOLE: &str = "\n";

/// Folds the lines that differ only in the number at one place.
fn fold_at(lines: Vec<Line>, position: usize) -> Vec<Line> {
    let mut groups: IndexMap<Line, Vec<(u64, Line)>> = IndexMap::new();
    for line in lines {
        let name = line.key.split('.').nth(position);
        match name.and_then(number) {
            Some(number) => groups.entry(line.with_hole(position)).or_default().push((number, line)),
            None => groups.entry(line.clone()).or_default().push((0, line)),
        }
    }
    groups.into_iter().flat_map(|(pattern, members)| folded(&pattern, members)).collect()
}

fn folded(pattern: &Line, members: Vec<(u64, Line)>) -> Vec<Line> {
    let numbers: BTreeSet<u64> = members.iter().map(|(number, _)| *number).collect();
    if numbers.len() < 2 || numbers.len() != members.len() {
        return members.into_iter().map(|(_, line)| line).collect();
    }
    let numbers = ranges(&numbers);
    let fill = |text: &String| text.replace(HOLE, &numbers);
    let count = members.iter().map(|(_, line)| line.count).sum();
    vec![Line { key: fill(&pattern.key), other: pattern.other.as_ref().map(fill), text: pattern.text.clone(), count }]
}

impl Line {
    fn with_hole(&self, position: usize) -> Self {
        let name = self.key.split('.').nth(position).unwrap_or_default();
        let hole = |(index, part): (usize, &'_ str)| if index == position { HOLE.to_owned() } else { part.to_owned() };
        let same = |part: &'_ str| if part == name { HOLE.to_owned() } else { part.to_owned() };
        Self {
            key: self.key.split('.').enumerate().map(hole).collect::<Vec<_>>().join("."),
            other: self.other.as_ref().map(|other| other.split('.').map(same).collect::<Vec<_>>().join(".")),
            text: self.text.clone(),
            count: self.count,
        }
    }
}

/// A name that is a number as containers write it: without leading zeros.
pub(super) fn number(name: &str) -> Option<u64> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    if is_plain { name.parse().ok() } else { None }
}

/// `{0..3,6}` of 0, 1, 2, 3 and 6.
fn ranges(numbers: &BTreeSet<u64>) -> String {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(*number) => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let texts = ranges.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}..{last}"),
    });
    format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded_keys(keys: &[&str]) -> Vec<(String, usize)> {
        let lines = keys.iter().map(|key| Line::new(key, None, "")).collect();
        fold(lines).into_iter().map(|line| (line.key, line.count)).collect()
    }

    #[test]
    fn numbers_become_ranges_and_what_is_missing_shows() {
        let keys = ["0.w", "1.w", "2.w", "3.w", "6.w", "8.w", "9.w"];
        assert_eq!(folded_keys(&keys), [("{0..3,6,8,9}.w".to_owned(), 7)]);
        assert_eq!(folded_keys(&["fc1.w", "fc2.w"]).len(), 2);
        assert_eq!(folded_keys(&["00.w", "01.w"]).len(), 2);
    }

    #[test]
    fn several_numbers_of_a_key_are_folded() {
        let keys = ["a.0.b.0.w", "a.0.b.1.w", "a.1.b.0.w", "a.1.b.1.w", "end"];
        assert_eq!(folded_keys(&keys), [("a.{0,1}.b.{0,1}.w".to_owned(), 4), ("end".to_owned(), 1)]);
        let keys = ["a.0.b.0.w", "a.0.b.1.w", "a.1.b.0.w"];
        assert_eq!(folded_keys(&keys), [("a.0.b.{0,1}.w".to_owned(), 2), ("a.1.b.0.w".to_owned(), 1)]);
    }

    #[test]
    fn only_what_is_said_the_same_of_is_folded() {
        let lines = vec![Line::new("0.w", Some("h.0.w"), "[2]"), Line::new("1.w", Some("h.1.w"), "[2]")];
        assert_eq!(fold(lines)[0].other.as_deref(), Some("h.{0,1}.w"));
        let lines = vec![Line::new("0.w", None, "[2]"), Line::new("1.w", None, "[3]")];
        assert_eq!(fold(lines).len(), 2);
    }
}
