//! What the first pass over a pickle keeps: one byte for each value on the stack and in the memo.

use std::collections::HashMap;

use super::graph::Node;

/// Bytes that a stack of bytes grows by: doubling would take three times what it holds.
const CHUNK: usize = 4 << 10;
/// Memo slots out of order, and nested values, that are followed. What is beyond is left to the second pass.
pub(super) const FOLLOWED: usize = 512;

/// What the second pass will find on its stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Mark,
    Atom,
    Str,
    List,
    Tuple,
    Set,
    Dict,
    Global,
    Object,
    Persistent,
    /// With more values than a tensor has dimensions.
    LongTuple,
    /// The arguments of a tensor with a long tuple for its sizes or strides.
    LongTensor,
    /// Of a memo slot that was not followed.
    Unknown,
}

impl Kind {
    #[inline]
    pub(super) fn of(node: &Node) -> Self {
        match node {
            Node::Str(_) => Self::Str,
            Node::List(_) => Self::List,
            Node::Tuple(_) => Self::Tuple,
            Node::Set(_) => Self::Set,
            Node::Dict(_) => Self::Dict,
            Node::Global(..) => Self::Global,
            Node::Object(_) => Self::Object,
            Node::Persistent(_) => Self::Persistent,
            _ => Self::Atom,
        }
    }

    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Mark => "a mark",
            Self::Atom => "a plain value",
            Self::Str => "a str",
            Self::List => "a list",
            Self::Tuple | Self::LongTuple | Self::LongTensor => "a tuple",
            Self::Set => "a set",
            Self::Dict => "a dict",
            Self::Global => "a class or function",
            Self::Object => "an object",
            Self::Persistent => "a persistent object",
            Self::Unknown => "a value",
        }
    }
}

/// A stack of kinds in chunks.
#[derive(Default)]
pub(super) struct Bytes {
    /// What is below `top`, each full.
    below: Vec<Vec<Kind>>,
    /// Empty only if all is.
    top: Vec<Kind>,
}

impl Bytes {
    pub(super) fn len(&self) -> usize {
        self.below.len().saturating_mul(CHUNK).saturating_add(self.top.len())
    }

    #[inline]
    pub(super) fn push(&mut self, kind: Kind) {
        if self.top.len() == CHUNK {
            self.below.push(std::mem::replace(&mut self.top, Vec::with_capacity(CHUNK)));
        }
        // The first chunk grows from nothing: most pickles need few bytes.
        self.top.push(kind);
    }

    #[inline]
    pub(super) fn last(&self) -> Option<Kind> {
        self.top.last().copied()
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Kind> {
        let kind = self.top.pop()?;
        if self.top.is_empty()
            && let Some(below) = self.below.pop()
        {
            self.top = below;
        }
        Some(kind)
    }

    pub(super) fn get(&self, index: usize) -> Option<Kind> {
        self.below.get(index / CHUNK).unwrap_or(&self.top).get(index % CHUNK).filter(|_| index < self.len()).copied()
    }

    pub(super) fn set(&mut self, index: usize, kind: Kind) {
        if index < self.len() {
            let chunk = self.below.get_mut(index / CHUNK).unwrap_or(&mut self.top);
            chunk.get_mut(index % CHUNK).into_iter().for_each(|slot| *slot = kind);
        }
    }
}

/// The memo: slots in order take a byte each, and some of the others are followed.
#[derive(Default)]
pub(super) struct Memo {
    dense: Bytes,
    sparse: HashMap<u32, Kind>,
    /// Slots that are set, as `MEMOIZE` counts them.
    pub(super) len: usize,
    /// Whether a slot was set that is not followed.
    lost: bool,
}

impl Memo {
    pub(super) fn set(&mut self, index: u32, kind: Kind) {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        if at < self.dense.len() {
            return self.dense.set(at, kind);
        }
        let known = self.sparse.contains_key(&index);
        if at == self.dense.len() && !known {
            self.dense.push(kind);
        } else if known || self.sparse.len() < FOLLOWED {
            self.sparse.insert(index, kind);
        } else {
            self.lost = true;
        }
        self.len = if known { self.len } else { self.len.saturating_add(1) };
    }

    pub(super) fn get(&self, index: u32) -> Option<Kind> {
        self.get_followed(index).or(self.lost.then_some(Kind::Unknown))
    }

    fn get_followed(&self, index: u32) -> Option<Kind> {
        let in_order = usize::try_from(index).ok().and_then(|at| self.dense.get(at));
        in_order.or_else(|| self.sparse.get(&index).copied())
    }
}
