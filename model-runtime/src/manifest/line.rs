//! The lines of a manifest's text, read the same way while a program compiles and while it runs.

/// The first line that is no comment: the format and its version.
pub(crate) const HEADER: &str = "manifest 1";

/// What comes next in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line {
    /// A key: `text[start..end]`, escaped, and what stands after it, up to `next`.
    Key { start: usize, end: usize, next: usize },
    /// The end of the text.
    End,
    /// A line that is none of a manifest, from `at`.
    Bad { at: usize, expected: &'static str },
}

/// Where the keys begin: after the header.
pub(crate) const fn body(text: &[u8]) -> Result<usize, usize> {
    let start = skip_comments(text, 0);
    let (header, mut at) = (HEADER.as_bytes(), start);
    while at - start < header.len() {
        if at >= text.len() || text[at] != header[at - start] {
            return Err(start);
        }
        at += 1;
    }
    match end_of_line(text, at) {
        Some(next) => Ok(next),
        None => Err(start),
    }
}

/// The line with the next key, from `at`.
pub(crate) const fn next(text: &[u8], at: usize) -> Line {
    let start = skip_comments(text, at);
    if start >= text.len() {
        return Line::End;
    }
    let mut at = start;
    while at < text.len() && text[at] > b' ' {
        at += 1;
    }
    let end = at;
    if end == start {
        return Line::Bad { at: start, expected: "`key dtype [shape]` without spaces before it" };
    }
    if at >= text.len() || text[at] != b' ' {
        return Line::Bad { at: start, expected: "`key dtype [shape]`" };
    }
    match after_key(text, at + 1) {
        Some(next) => Line::Key { start, end, next },
        None => Line::Bad { at: start, expected: "`key dtype [shape]`" },
    }
}

/// `dtype [shape]`, or one word for what is no readable tensor, and the end of the line.
const fn after_key(text: &[u8], mut at: usize) -> Option<usize> {
    let word = at;
    while at < text.len() && (text[at].is_ascii_lowercase() || text[at].is_ascii_digit() || text[at] == b'_') {
        at += 1;
    }
    if at == word {
        return None;
    }
    if at + 1 >= text.len() || text[at] != b' ' || text[at + 1] != b'[' {
        return end_of_line(text, at);
    }
    at += 2;
    while at < text.len() && (text[at].is_ascii_digit() || text[at] == b',' || text[at] == b' ') {
        at += 1;
    }
    if at >= text.len() || text[at] != b']' {
        return None;
    }
    end_of_line(text, at + 1)
}

/// The start of the next line, if nothing but the end of this one is at `at`.
const fn end_of_line(text: &[u8], mut at: usize) -> Option<usize> {
    if at < text.len() && text[at] == b'\r' {
        at += 1;
    }
    if at >= text.len() {
        Some(at)
    } else if text[at] == b'\n' {
        Some(at + 1)
    } else {
        None
    }
}

/// The next line that is neither empty nor a comment.
const fn skip_comments(text: &[u8], mut at: usize) -> usize {
    loop {
        if let Some(next) = end_of_line(text, at) {
            if next == at || next >= text.len() {
                return text.len();
            }
            at = next;
        } else if text[at] == b'#' {
            while at < text.len() && text[at] != b'\n' {
                at += 1;
            }
        } else {
            return at;
        }
    }
}

/// The number of the line that `at` is in, from one.
pub(crate) const fn number(text: &[u8], at: usize) -> usize {
    let (mut number, mut byte) = (1, 0);
    while byte < at && byte < text.len() {
        if text[byte] == b'\n' {
            number += 1;
        }
        byte += 1;
    }
    number
}
