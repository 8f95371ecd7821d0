//! What a pickle builds, as nodes with numbers: an alias is the same number twice, and nothing is ever copied.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::input::Span;
use super::text;
use crate::checkpoint::value::{BigInt, Construct};

/// The number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Id(pub(super) u32);

/// One Python object.
#[derive(Debug)]
pub(super) enum Node {
    None,
    Bool(bool),
    Int(i64),
    BigInt(BigInt),
    Float(f64),
    /// A string of protocol 1 or later: UTF-8, or UTF-8 with lone surrogates.
    Str(Span),
    /// A string of Python 2, of unknown encoding.
    ByteStr(Span),
    Bytes(Span),
    ByteArray(Span),
    List(Vec<Id>),
    Tuple(Box<[Id]>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or function, by module and name.
    Global(Span, Span),
    /// What a class or function would have returned.
    Object(Box<Object>),
    /// An object that lives outside of the pickle.
    Persistent(Id),
}

/// The result of a call, and what was done to it afterwards.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) callable: Id,
    pub(super) args: Id,
    pub(super) kwargs: Option<Id>,
    /// What was appended.
    pub(super) items: Vec<Id>,
    /// What was set.
    pub(super) entries: Vec<(Id, Id)>,
    /// The states of `BUILD`, with the position of each.
    pub(super) states: Vec<(Id, u32)>,
    pub(super) construct: Construct,
}

/// A node with its history.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) node: Node,
    /// The position of the opcode that made it.
    pub(super) made: u32,
    /// The position of the last opcode that changed it.
    pub(super) changed: u32,
}

/// A finished pickle.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    pub(super) entries: Vec<Entry>,
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) root: Id,
    /// The offset in the file of the first byte after the pickle.
    pub(crate) end: u64,
}

impl Id {
    pub(super) fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Graph<'_> {
    pub(super) fn entry(&self, id: Id) -> Option<&Entry> {
        self.entries.get(id.index())
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node> {
        self.entry(id).map(|entry| &entry.node)
    }

    /// Every class and function that is named, once, also where nothing uses it.
    pub(super) fn globals(&self) -> Vec<Arc<str>> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for entry in &self.entries {
            if let Node::Global(module, name) = &entry.node {
                let (module, name) = (self.text(*module), self.text(*name));
                if seen.insert((module, name)) {
                    // What is no text is an error where it is used.
                    names.extend(text::python_3_name(module, name).map(Arc::from));
                }
            }
        }
        names
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }
}

impl Node {
    /// Calls `visit` with every node directly inside, in the order of the file.
    pub(super) fn for_each_child(&self, mut visit: impl FnMut(Id)) {
        match self {
            Self::List(ids) | Self::Set(ids) | Self::FrozenSet(ids) => ids.iter().copied().for_each(visit),
            Self::Tuple(ids) => ids.iter().copied().for_each(visit),
            Self::Dict(entries) => entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(visit),
            Self::Persistent(id) => visit(*id),
            Self::Object(object) => {
                [Some(object.callable), Some(object.args), object.kwargs].into_iter().flatten().for_each(&mut visit);
                object.items.iter().copied().for_each(&mut visit);
                object.entries.iter().flat_map(|(key, value)| [*key, *value]).for_each(&mut visit);
                object.states.iter().map(|(id, _)| *id).for_each(visit);
            }
            _ => {}
        }
    }

    /// Whether it is made of nothing but itself.
    pub(super) fn is_leaf(&self) -> bool {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::BigInt(_) | Self::Float(_) | Self::Global(..) => true,
            Self::Str(_) | Self::ByteStr(_) | Self::Bytes(_) | Self::ByteArray(_) => true,
            Self::List(_) | Self::Tuple(_) | Self::Set(_) | Self::FrozenSet(_) | Self::Dict(_) => false,
            Self::Object(_) | Self::Persistent(_) => false,
        }
    }

    /// The name of the Python type, for messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "a bool",
            Self::Int(_) | Self::BigInt(_) => "an int",
            Self::Float(_) => "a float",
            Self::Str(_) | Self::ByteStr(_) => "a str",
            Self::Bytes(_) => "bytes",
            Self::ByteArray(_) => "a bytearray",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Set(_) => "a set",
            Self::FrozenSet(_) => "a frozenset",
            Self::Dict(_) => "a dict",
            Self::Global(..) => "a class or function",
            Self::Object(_) => "an object",
            Self::Persistent(_) => "a persistent object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_small() {
        assert!(size_of::<Entry>() <= 40, "{}", size_of::<Entry>());
    }
}
