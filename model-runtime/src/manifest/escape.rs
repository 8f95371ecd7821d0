//! Keys as words: what a line of a manifest cannot hold is written `\u{20}`, and a backslash twice.

use std::fmt::Write as _;

/// The key as a word of a line.
pub(super) fn escape(key: &str) -> String {
    if key.is_empty() {
        return r"\u{}".to_owned();
    }
    let mut word = String::with_capacity(key.len());
    for (at, char) in key.char_indices() {
        if char == '\\' {
            word.push_str(r"\\");
        } else if char.is_whitespace() || char.is_control() || (at == 0 && (char == '#' || char == '\u{feff}')) {
            // Writing to a string cannot fail.
            let _ = write!(word, r"\u{{{:x}}}", u32::from(char));
        } else {
            word.push(char);
        }
    }
    word
}

/// The key that a word stands for; `None` if it is no word that [`escape`] writes.
pub(super) fn unescape(word: &str) -> Option<String> {
    let mut key = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('\\') {
        key.push_str(before);
        rest = match after.strip_prefix('\\') {
            Some(after) => {
                key.push('\\');
                after
            }
            None => {
                let (code, after) = after.strip_prefix("u{")?.split_once('}')?;
                if !code.is_empty() {
                    key.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
                }
                after
            }
        };
    }
    key.push_str(rest);
    // One spelling for each key: else two lines could be one key, and the compiler would not know.
    (escape(&key) == word).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_survives() {
        for key in [
            "",
            "a.b",
            "a b",
            "a\nb",
            "#a",
            "a#",
            "\\",
            "\\u{20}",
            "\"",
            "größe",
            "\u{2028}",
            "\u{feff}x",
            "\0",
            "..",
            "\r",
        ] {
            let word = escape(key);
            assert!(
                !word.is_empty() && !word.contains(|char: char| char.is_whitespace() || char.is_control()),
                "{word}"
            );
            assert_eq!(unescape(&word).as_deref(), Some(key), "{word}");
        }
    }

    #[test]
    fn another_spelling_of_a_key_is_none() {
        for word in [r"\u{61}", r"a\u{}", r"\x", r"\", r"\u{20", r"\u{110000}", r"\u{020}", "#"] {
            assert_eq!(unescape(word), None, "{word}");
        }
    }
}
