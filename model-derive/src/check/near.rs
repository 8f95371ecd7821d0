//! The name that was meant.

/// The one of `names` that is most like `name`, if one is.
pub fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    let best = names.iter().map(|other| (distance(name, other), *other)).min_by_key(|(distance, _)| *distance);
    // A third of the letters may differ.
    best.filter(|(distance, other)| *distance * 3 <= name.chars().count().max(other.chars().count()))
        .map(|(_, other)| other)
}

/// How many letters must be added, removed or replaced to make one name of the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (count, from) in a.chars().enumerate() {
        let mut next = vec![count + 1];
        for (index, to) in b.iter().enumerate() {
            let replaced = row[index] + usize::from(from != *to);
            next.push(replaced.min(row[index + 1] + 1).min(next[index] + 1));
        }
        row = next;
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn the_nearest_name_differs_in_a_third_of_its_letters_at_most() {
        assert_eq!(distance("wte", "wpe"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("transfomer", &["lm_head", "transformer"]), Some("transformer"));
        assert_eq!(nearest("wte", &["lm_head", "norm"]), None);
    }
}
