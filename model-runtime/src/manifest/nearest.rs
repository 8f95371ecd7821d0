//! How much two keys differ, for the suggestion of a check that runs while a program compiles.

/// The most bytes in which two keys that are alike differ, without what is equal at their starts and ends.
const MAX_CORE: usize = 24;

/// The edit distance of `left` and `right`, each a range of its text; `None` if they are not much alike: if more than a
/// third of the longer one differs.
pub(super) const fn distance(
    left: &[u8],
    (mut left_start, mut left_end): (usize, usize),
    right: &[u8],
    (mut right_start, mut right_end): (usize, usize),
) -> Option<usize> {
    let (left_len, right_len) = (left_end - left_start, right_end - right_start);
    let (longer, shorter) = if left_len > right_len { (left_len, right_len) } else { (right_len, left_len) };
    if (longer - shorter) * 3 > longer {
        return None;
    }
    while left_start < left_end && right_start < right_end && left[left_start] == right[right_start] {
        left_start += 1;
        right_start += 1;
    }
    while left_start < left_end && right_start < right_end && left[left_end - 1] == right[right_end - 1] {
        left_end -= 1;
        right_end -= 1;
    }
    if left_end - left_start > MAX_CORE || right_end - right_start > MAX_CORE {
        return None;
    }
    let distance = levenshtein(left, (left_start, left_end), right, (right_start, right_end));
    if distance * 3 <= longer { Some(distance) } else { None }
}

/// The fewest insertions, deletions and replacements that make one of the other.
const fn levenshtein(left: &[u8], (start, end): (usize, usize), right: &[u8], other: (usize, usize)) -> usize {
    let len = other.1 - other.0;
    let mut row = [0; MAX_CORE + 1];
    let mut column = 0;
    while column <= len {
        row[column] = column;
        column += 1;
    }
    let mut at = start;
    while at < end {
        let mut diagonal = row[0];
        row[0] += 1;
        let mut column = 0;
        while column < len {
            let replaced = diagonal + (left[at] != right[other.0 + column]) as usize;
            diagonal = row[column + 1];
            let shorter = if row[column] < diagonal { row[column] } else { diagonal } + 1;
            row[column + 1] = if replaced < shorter { replaced } else { shorter };
            column += 1;
        }
        at += 1;
    }
    row[len]
}
