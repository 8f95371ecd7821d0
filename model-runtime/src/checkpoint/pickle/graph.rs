//! What a pickle builds, as nodes with numbers: an alias is the same number twice, and nothing is ever copied.

use std::borrow::Cow;
use std::sync::Arc;

use super::input::Span;
use super::text;
use crate::checkpoint::value::{BigInt, Construct};
use crate::hash::FastSet;

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
    Tuple(Run),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or function, by module and name.
    Global(Span, Span),
    /// What a class or function would have returned.
    Object(Object),
    /// An object that lives outside of the pickle.
    Persistent(Id),
}

/// The result of a call, and what was done to it afterwards.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) callable: Id,
    pub(super) args: Id,
    pub(super) construct: Construct,
    /// `None` for most: a tensor is made and left alone.
    pub(super) more: Option<Box<More>>,
}

/// The keyword arguments of a call, and what was done to its result.
#[derive(Debug, Default)]
pub(super) struct More {
    pub(super) kwargs: Option<Id>,
    /// What was appended.
    pub(super) items: Vec<Id>,
    /// What was set.
    pub(super) entries: Vec<(Id, Id)>,
    /// The states of `BUILD`, with the position of each.
    pub(super) states: Vec<(Id, u32)>,
}

/// The elements of a tuple: a part of [`Graph::elements`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) len: u32,
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
    /// The elements of all tuples.
    pub(super) elements: Vec<Id>,
    /// The nodes that can be in several places.
    pub(super) shared: IdSet,
    /// Every class and function that is named, as often as it is.
    pub(super) globals: Vec<(Span, Span)>,
    /// Calls that an equal one took the place of.
    pub(super) twins: IdSet,
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

/// A set of nodes, a bit for each.
#[derive(Debug, Default)]
pub(super) struct IdSet(Vec<u64>);

impl IdSet {
    pub(super) fn insert(&mut self, id: Id) {
        let at = id.index() / 64;
        if self.0.len() <= at {
            self.0.resize(at.saturating_add(1), 0);
        }
        self.0.get_mut(at).into_iter().for_each(|bits| *bits |= 1 << (id.0 % 64));
    }

    pub(super) fn contains(&self, id: Id) -> bool {
        self.0.get(id.index() / 64).is_some_and(|bits| bits & (1 << (id.0 % 64)) != 0)
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
        let mut seen = FastSet::default();
        let mut names = Vec::new();
        for (module, name) in &self.globals {
            let (module, name) = (self.text(*module), self.text(*name));
            if seen.insert((module, name)) {
                // What is no text is an error where it is used.
                names.extend(text::python_3_name(module, name).map(Arc::from));
            }
        }
        names
    }

    /// What is directly inside of `node`, in the order of the file, by number.
    pub(super) fn child(&self, node: &Node, at: usize) -> Option<Id> {
        match node {
            Node::List(ids) | Node::Set(ids) | Node::FrozenSet(ids) => ids.get(at).copied(),
            Node::Tuple(run) => run.of(&self.elements).get(at).copied(),
            Node::Dict(entries) => half(entries, at),
            Node::Persistent(id) => Some(*id).filter(|_| at == 0),
            Node::Object(object) => object.child(at),
            _ => None,
        }
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }
}

impl Run {
    /// The elements, of those of all tuples.
    pub(super) fn of(self, elements: &[Id]) -> &[Id] {
        let range = || {
            let start = usize::try_from(self.start).ok()?;
            elements.get(start..start.checked_add(usize::try_from(self.len).ok()?)?)
        };
        range().unwrap_or_default()
    }
}

impl Object {
    pub(super) fn new(callable: Id, args: Id, kwargs: Option<Id>, construct: Construct) -> Self {
        let more = kwargs.map(|kwargs| Box::new(More { kwargs: Some(kwargs), ..More::default() }));
        Self { callable, args, construct, more }
    }

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    fn child(&self, at: usize) -> Option<Id> {
        match (at, &self.more) {
            (0, _) => Some(self.callable),
            (1, _) => Some(self.args),
            (_, None) => None,
            (_, Some(more)) => more.child(at.saturating_sub(2)),
        }
    }
}

impl More {
    fn child(&self, mut at: usize) -> Option<Id> {
        if let Some(kwargs) = self.kwargs {
            let Some(next) = at.checked_sub(1) else { return Some(kwargs) };
            at = next;
        }
        let Some(at) = at.checked_sub(self.items.len()) else { return self.items.get(at).copied() };
        if let Some(child) = half(&self.entries, at) {
            return Some(child);
        }
        let at = at.saturating_sub(self.entries.len().saturating_mul(2));
        self.states.get(at).map(|(state, _)| *state)
    }
}

/// The key or value at a place among all keys and values.
fn half(entries: &[(Id, Id)], at: usize) -> Option<Id> {
    entries.get(at / 2).map(|(key, value)| if at.is_multiple_of(2) { *key } else { *value })
}

impl Node {
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

    #[test]
    fn a_set_of_nodes_has_what_was_inserted() {
        let mut set = IdSet::default();
        for id in [3, 64, 200] {
            set.insert(Id(id));
        }
        let there: Vec<_> = (0..300).filter(|id| set.contains(Id(*id))).collect();
        assert_eq!(there, [3, 64, 200]);
    }

    #[test]
    fn the_parts_of_an_object_are_numbered_in_the_order_of_the_file() {
        let mut object = Object::new(Id(1), Id(2), Some(Id(3)), Construct::Other);
        object.more().items = vec![Id(4), Id(5)];
        object.more().entries = vec![(Id(6), Id(7)), (Id(8), Id(9))];
        object.more().states = vec![(Id(10), 0)];
        let parts: Vec<_> = (0..20).map_while(|at| object.child(at)).map(|id| id.0).collect();
        assert_eq!(parts, (1..=10).collect::<Vec<_>>());
        let plain = Object::new(Id(1), Id(2), None, Construct::Call);
        assert_eq!((plain.child(1), plain.child(2)), (Some(Id(2)), None));
    }
}
