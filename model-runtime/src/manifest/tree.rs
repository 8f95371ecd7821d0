//! [`Tree`]: the keys of a manifest as a tree of names, made while a program compiles.
//!
//! The macro makes it as an index, since every step costs compile time. Where it cannot, it is made here, linear in the
//! text: a name is compared with the last one in its place, which it mostly is, and else looked up in a hash table.

use super::line::{self, Line};

/// No node.
pub(super) const ABSENT: u32 = 0;
/// The node of the empty path.
pub(super) const ROOT: u32 = 1;

/// A name in its place.
#[derive(Clone, Copy)]
pub(super) struct Node {
    parent: u32,
    /// The first name below it, and the last one.
    pub(super) first: u32,
    last: u32,
    /// The next name in the same place.
    pub(super) next: u32,
    /// The name in the text.
    start: u32,
    end: u32,
    /// Where the key in the text starts that ends here; zero if none does, since a header comes first.
    pub(super) key: u32,
    /// Whether a field has that key.
    pub(super) is_claimed: bool,
}

/// The keys of a manifest. `N` is more than the text has bytes, and so more than it has names.
pub(super) struct Tree<'t, const N: usize> {
    pub(super) text: &'t [u8],
    pub(super) nodes: [Node; N],
    pub(super) len: u32,
    /// Nodes by place and name, with open addressing.
    table: [u32; N],
    is_escaped: bool,
}

/// The bytes of a number of the index, and those of a node: see `model-derive/src/index.rs`.
const NUMBER: usize = 4;
const NODE: usize = 5 * NUMBER;

const fn number(index: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([index[at], index[at + 1], index[at + 2], index[at + 3]])
}

/// The number of nodes with an index, if it is one of this text.
pub(super) const fn indexed(text: &[u8], index: &[u8]) -> Option<usize> {
    if index.len() < NUMBER + NODE || number(index, 0) as usize != text.len() {
        return None;
    }
    Some((index.len() - NUMBER) / NODE + ROOT as usize)
}

/// Why a text is no manifest.
pub(super) enum Bad {
    /// The header is missing at this byte.
    Header,
    /// The line at this byte is not what was expected.
    Line(usize, &'static str),
    /// The key at this byte was there before.
    Repeated(usize, usize),
}

impl<'t, const N: usize> Tree<'t, N> {
    /// An empty one.
    pub(super) const fn new(text: &'t [u8]) -> Self {
        let node = Node { parent: 0, first: 0, last: 0, next: 0, start: 0, end: 0, key: 0, is_claimed: false };
        Self { text, nodes: [node; N], len: ROOT + 1, table: [ABSENT; N], is_escaped: false }
    }

    /// Takes the names from the index, or reads the text if that has none.
    pub(super) const fn read(&mut self, index: &[u8]) -> Result<(), Bad> {
        if let Some(nodes) = indexed(self.text, index) {
            self.take(index, nodes);
            return Ok(());
        }
        let Ok(mut at) = line::body(self.text) else { return Err(Bad::Header) };
        loop {
            match line::next(self.text, at) {
                Line::End => return Ok(()),
                Line::Bad { at, expected } => return Err(Bad::Line(at, expected)),
                Line::Key { start, end, next } => {
                    if !self.insert(start, end) {
                        return Err(Bad::Repeated(start, end));
                    }
                    at = next;
                }
            }
        }
    }

    const fn take(&mut self, index: &[u8], nodes: usize) {
        let mut node = ROOT as usize;
        while node < nodes {
            let at = NUMBER + (node - ROOT as usize) * NODE;
            let taken = &mut self.nodes[node];
            taken.first = number(index, at);
            taken.next = number(index, at + NUMBER);
            taken.start = number(index, at + 2 * NUMBER);
            taken.end = number(index, at + 3 * NUMBER);
            taken.key = number(index, at + 4 * NUMBER);
            node += 1;
        }
        self.len = nodes as u32;
    }

    /// Adds the key `text[start..end]`; `false` if it is there.
    const fn insert(&mut self, start: usize, end: usize) -> bool {
        let (mut node, mut name, mut at) = (ROOT, start, start);
        loop {
            if at == end || self.text[at] == b'.' {
                node = self.child(node, name, at);
                if at == end {
                    break;
                }
                name = at + 1;
            } else if self.text[at] == b'\\' {
                self.is_escaped = true;
            }
            at += 1;
        }
        let is_new = self.nodes[node as usize].key == 0;
        self.nodes[node as usize].key = start as u32;
        is_new
    }

    /// The node `text[start..end]` below `parent`, made if there is none.
    const fn child(&mut self, parent: u32, start: usize, end: usize) -> u32 {
        let last = self.nodes[parent as usize].last;
        if last != ABSENT && self.is_text(last, start, end) {
            return last;
        }
        let mut slot = self.slot(parent, start, end);
        while self.table[slot] != ABSENT {
            let node = self.table[slot];
            if self.nodes[node as usize].parent == parent && self.is_text(node, start, end) {
                return node;
            }
            slot = (slot + 1) % N;
        }
        let node = self.len;
        self.len += 1;
        self.table[slot] = node;
        let made = &mut self.nodes[node as usize];
        made.parent = parent;
        made.start = start as u32;
        made.end = end as u32;
        match last {
            ABSENT => self.nodes[parent as usize].first = node,
            last => self.nodes[last as usize].next = node,
        }
        self.nodes[parent as usize].last = node;
        node
    }

    /// Where the table has the name, or would have it: FNV-1a.
    const fn slot(&self, parent: u32, start: usize, end: usize) -> usize {
        let (mut hash, mut at) = (0x811c_9dc5 ^ parent, start);
        while at < end {
            hash = (hash ^ self.text[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        hash as usize % N
    }

    /// Whether the node's name is `text[start..end]`.
    const fn is_text(&self, node: u32, start: usize, end: usize) -> bool {
        let node = &self.nodes[node as usize];
        let (first, len) = (node.start as usize, end - start);
        if node.end as usize - first != len {
            return false;
        }
        // Names in one place mostly differ at their end: `0`, `1`, ...
        let mut at = len;
        while at > 0 {
            at -= 1;
            if self.text[first + at] != self.text[start + at] {
                return false;
            }
        }
        true
    }

    /// Whether the node's name is that of a field.
    pub(super) const fn is_name(&self, node: u32, name: &[u8]) -> bool {
        let node = &self.nodes[node as usize];
        let (start, end) = (node.start as usize, node.end as usize);
        if self.is_escaped {
            return is_unescaped(self.text, start, end, name);
        }
        if end - start != name.len() {
            return false;
        }
        let mut at = 0;
        while at < name.len() {
            if self.text[start + at] != name[at] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// The node's name as the index of a `Vec`: `10`, but not `010`.
    pub(super) const fn index(&self, node: u32) -> Option<usize> {
        let (start, end) = self.name(node);
        self.number(start, end)
    }

    /// `text[start..end]` as a number: `10`, but not `010`.
    pub(super) const fn number(&self, start: usize, end: usize) -> Option<usize> {
        if start == end || end - start > 9 || (self.text[start] == b'0' && end - start > 1) {
            return None;
        }
        let (mut index, mut at) = (0, start);
        while at < end {
            if !self.text[at].is_ascii_digit() {
                return None;
            }
            index = index * 10 + (self.text[at] - b'0') as usize;
            at += 1;
        }
        Some(index)
    }

    /// Whether the text has `part` at `start`.
    pub(super) const fn is_part(&self, start: usize, part: &[u8]) -> bool {
        let mut at = 0;
        while at < part.len() {
            if start + at >= self.text.len() || self.text[start + at] != part[at] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// The node's name in the text.
    pub(super) const fn name(&self, node: u32) -> (usize, usize) {
        (self.nodes[node as usize].start as usize, self.nodes[node as usize].end as usize)
    }
}

/// Whether `text[at..end]` is the escaped form of `name`.
const fn is_unescaped(text: &[u8], mut at: usize, end: usize, name: &[u8]) -> bool {
    let mut in_name = 0;
    while at < end {
        let mut bytes = [0; 4];
        let mut len = 1;
        if text[at] != b'\\' {
            bytes[0] = text[at];
            at += 1;
        } else if at + 1 < end && text[at + 1] == b'u' {
            let (code, after) = code(text, at + 2, end);
            at = after;
            len = match char::from_u32(code) {
                Some(char) => char.encode_utf8(&mut bytes).len(),
                None => 0,
            };
        } else {
            bytes[0] = b'\\';
            at += 2;
        }
        let mut byte = 0;
        while byte < len {
            if in_name >= name.len() || name[in_name] != bytes[byte] {
                return false;
            }
            in_name += 1;
            byte += 1;
        }
    }
    in_name == name.len()
}

/// The number in `{20}`, and where it ends. An empty one stands for nothing.
const fn code(text: &[u8], mut at: usize, end: usize) -> (u32, usize) {
    let (mut code, mut is_empty) = (0u32, true);
    while at < end && text[at] != b'}' {
        if let Some(digit) = (text[at] as char).to_digit(16) {
            code = code.wrapping_mul(16).wrapping_add(digit);
            is_empty = false;
        }
        at += 1;
    }
    (if is_empty { u32::MAX } else { code }, at + 1)
}
