//! The names of a manifest as a tree, made here: a step of what the compiler evaluates takes as long as hundreds of ours.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use syn::LitStr;

/// A name in its place, as numbers of four bytes each: the first name below it, the next name in the same place, where it
/// starts and ends in the text, and where the key starts that ends here. Zero is none.
type Node = [u32; 5];

const FIRST: usize = 0;
const NEXT: usize = 1;
const KEY: usize = 4;

/// The number of the root; no node has the number zero.
const ROOT: u32 = 1;

/// The file that a string names, seen from the source file that it is in, if the compiler says which that is.
pub fn path(file: &LitStr) -> Option<PathBuf> {
    // In a unit test there is no compiler to ask.
    let source = proc_macro::is_available().then(|| file.span().unwrap().local_file()).flatten()?;
    Some(source.with_file_name(file.value()))
}

/// The index of a manifest for `model_runtime`'s check; empty if the check is to read the text itself: it then finds the
/// same, or what is wrong with the text.
pub fn index(file: &LitStr) -> Vec<u8> {
    let text = path(file).and_then(|path| fs::read_to_string(path).ok());
    text.and_then(|text| of_text(&text)).unwrap_or_default()
}

/// The length of the text, by which the check knows that it is the same, and the nodes from the root on.
fn of_text(text: &str) -> Option<Vec<u8>> {
    let len = u32::try_from(text.len()).ok()?;
    let mut nodes: Vec<Node> = vec![[0; 5], [0; 5]];
    let mut last = vec![0, 0];
    let mut known = HashMap::new();
    for (start, key) in keys(text)? {
        let (mut parent, mut at) = (ROOT, start);
        for name in key.split('.') {
            parent = *known.entry((parent, name)).or_insert_with(|| {
                let (node, place) = (nodes.len() as u32, parent as usize);
                match last[place] {
                    0 => nodes[place][FIRST] = node,
                    before => nodes[before as usize][NEXT] = node,
                }
                last[place] = node;
                last.push(0);
                nodes.push([0, 0, at, at + name.len() as u32, 0]);
                node
            });
            at += name.len() as u32 + 1;
        }
        let known_key = &mut nodes[parent as usize][KEY];
        if *known_key != 0 {
            return None;
        }
        *known_key = start;
    }
    let numbers = std::iter::once(len).chain(nodes.into_iter().skip(1).flatten());
    Some(numbers.flat_map(u32::to_le_bytes).collect())
}

/// The keys, each with its place in the text. `None` for a text that is no manifest or has a key with an escape.
fn keys(text: &str) -> Option<Vec<(u32, &str)>> {
    let mut keys = Vec::new();
    let (mut at, mut has_header) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len() as u32;
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if has_header {
            keys.push((start, key(line)?));
        } else if line == "manifest 1" {
            has_header = true;
        } else {
            return None;
        }
    }
    has_header.then_some(keys)
}

/// The key of a line `key dtype [shape]`, or `key word` for what is no readable tensor.
fn key(line: &str) -> Option<&str> {
    let (key, rest) = line.split_once(' ')?;
    let (word, shape) = rest.split_once(' ').map_or((rest, None), |(word, shape)| (word, Some(shape)));
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte > b' ' && byte != b'\\');
    let is_word = !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let is_shape = shape.is_none_or(|shape| {
        let sizes = shape.strip_prefix('[').and_then(|shape| shape.strip_suffix(']'));
        sizes.is_some_and(|sizes| sizes.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b',' | b' ')))
    });
    (is_key && is_word && is_shape).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::of_text;

    /// The numbers of a text's index.
    fn numbers(text: &str) -> Option<Vec<u32>> {
        let bytes = of_text(text)?;
        Some(bytes.chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("they are four"))).collect())
    }

    #[test]
    fn names_are_linked_in_the_order_of_the_text() {
        let text = "# x\r\nmanifest 1\r\n\na.b f [2, 3]\na.c other\nd f []";
        let root = [2, 0, 0, 0, 0];
        let (a, b, c, d) = ([3, 5, 18, 19, 0], [0, 4, 20, 21, 18], [0, 0, 33, 34, 31], [0, 0, 41, 42, 41]);
        let expected: Vec<u32> = [text.len() as u32].into_iter().chain([root, a, b, c, d].concat()).collect();
        assert_eq!(numbers(text), Some(expected));
    }

    #[test]
    fn what_the_check_must_read_itself_has_no_index() {
        let texts = [
            "",
            "a f [2]\n",
            "manifest 2\n",
            "manifest 1\na\n",
            "manifest 1\n a f [2]\n",
            "manifest 1\na f [2\n",
            "manifest 1\na f  [2]\n",
            "manifest 1\na F [2]\n",
            "manifest 1\na f [2]\na f [2]\n",
            "manifest 1\na\\u{20}b f [2]\n",
        ];
        for text in texts {
            assert_eq!(numbers(text), None, "{text:?}");
        }
    }
}
