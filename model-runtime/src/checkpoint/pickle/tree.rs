//! Turns the graph of a pickle into a tree of values, children first and without recursion.

use std::collections::hash_map::Entry as MapEntry;
use std::sync::Arc;

use super::effect::check_all_reached;
use super::graph::{Entry, Graph, Id, IdSet, Node};
use super::grown::{Grown, check_settled, pairs};
use super::interpreter::{Interpreter, dict, distinct};
use super::request::{holds_arguments, prepare};
use super::text;
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::value::{Opaque, Value};
use crate::hash::FastMap;

/// Bytes of each key on the way to a value, in a message.
const MAX_KEY: usize = 80;

/// The value at the root of `graph`.
pub(super) fn grow(graph: &Graph<'_>, limits: &Limits, interpreter: &mut dyn Interpreter) -> Result<Value> {
    let (path, values, objects) = (Vec::new(), Vec::new(), Vec::new());
    let (slots, reached) = (FastMap::default(), IdSet::default());
    let mut tree = Tree { graph, limits, interpreter, path, values, objects, slots, reached };
    tree.enter(graph.root).map_err(|error| tree.locate(error, graph.root))?;
    while let Some((outer, child)) = tree.next() {
        let result = match child {
            Some(child) => tree.enter(child),
            None => tree.leave(outer),
        };
        result.map_err(|error| tree.locate(error, child.unwrap_or(outer.id)))?;
    }
    check_all_reached(graph, &tree.reached)?;
    Ok(tree.values.pop().unwrap_or_default().value)
}

struct Tree<'a> {
    graph: &'a Graph<'a>,
    limits: &'a Limits,
    interpreter: &'a mut dyn Interpreter,
    /// The containers around the current node, outermost first.
    path: Vec<Open>,
    /// What is done of these containers, in the order of the file: a finished container takes what is in it from the end.
    values: Vec<Grown>,
    /// The places in `path` of the calls.
    objects: Vec<usize>,
    /// The nodes that can be in several places, as far as they were entered.
    slots: FastMap<Id, Slot>,
    /// The calls that were entered.
    reached: IdSet,
}

/// A container that is not finished.
#[derive(Clone, Copy)]
struct Open {
    id: Id,
    /// The number of the next node inside.
    next: usize,
    /// Where in [`Tree::values`] its first one is.
    first: usize,
}

enum Slot {
    /// A container around the current node, at this depth.
    Open(usize),
    Done(Grown),
}

impl Tree<'_> {
    /// The innermost container, and the next node inside of it, if there is one more.
    fn next(&mut self) -> Option<(Open, Option<Id>)> {
        let outer = self.path.last_mut()?;
        let child = self.graph.node(outer.id).and_then(|node| self.graph.child(node, outer.next));
        outer.next = outer.next.saturating_add(1);
        Some((*outer, child))
    }

    fn enter(&mut self, id: Id) -> Result<()> {
        let Some(entry) = self.graph.entry(id) else { return Ok(()) };
        if self.graph.shared.contains(id) {
            match self.slots.entry(id) {
                MapEntry::Vacant(slot) => drop(slot.insert(Slot::Open(self.path.len()))),
                MapEntry::Occupied(slot) => {
                    let grown = match slot.get() {
                        Slot::Done(grown) => grown.clone(),
                        Slot::Open(depth) => check_cycle(self.objects.last(), *depth)?,
                    };
                    self.values.push(grown);
                    return Ok(());
                }
            }
        }
        if self.path.len() >= self.limits.nesting {
            let limit = self.limits.nesting;
            return Err(CheckpointError::limit("values are nested too deep", "nesting", limit, "more"));
        }
        if let Some(value) = self.leaf(&entry.node)? {
            self.finish(id, Grown { value, size: 1, changed: entry.changed });
            return Ok(());
        }
        if matches!(entry.node, Node::Object(_)) {
            self.objects.push(self.path.len());
            self.reached.insert(id);
        }
        self.path.push(Open { id, next: 0, first: self.values.len() });
        Ok(())
    }

    fn leave(&mut self, Open { id, first, .. }: Open) -> Result<()> {
        let Some(entry) = self.graph.entry(id) else { return Ok(()) };
        let (mut size, mut changed) = (1u64, entry.changed);
        for inner in self.values.get(first..).unwrap_or_default() {
            size = size.saturating_add(inner.size);
            changed = changed.max(inner.changed);
        }
        if size > self.limits.pickle_values {
            let limit = self.limits.pickle_values;
            return Err(CheckpointError::limit("aliases multiply into too many values", "pickle_values", limit, size));
        }
        let value = self.build(entry, first)?;
        if holds_arguments(&value) {
            changed = entry.changed;
        }
        self.finish(id, Grown { value, size, changed });
        self.path.pop();
        if matches!(entry.node, Node::Object(_)) {
            self.objects.pop();
        }
        Ok(())
    }

    fn finish(&mut self, id: Id, grown: Grown) {
        if self.graph.shared.contains(id) {
            self.slots.insert(id, Slot::Done(grown.clone()));
        }
        self.values.push(grown);
    }

    /// The value of a node that is made of nothing but itself.
    fn leaf(&mut self, node: &Node) -> Result<Option<Value>> {
        Ok(Some(match node {
            Node::None => Value::None,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(value) => Value::Int(*value),
            Node::Float(value) => Value::Float(*value),
            Node::BigInt(value) => Value::BigInt(value.clone()),
            Node::Str(span) => text::string(self.graph.text(*span))?,
            Node::ByteStr(span) => text::byte_string(self.graph.text(*span)),
            Node::Bytes(span) => Value::Bytes(self.graph.text(*span).into()),
            Node::ByteArray(span) => Value::ByteArray(self.graph.text(*span).into()),
            Node::Global(module, name) => {
                let global = text::global_name(self.graph.text(*module), self.graph.text(*name))?;
                let value = self.interpreter.global(&global);
                value.unwrap_or_else(|| Value::Opaque(Arc::new(Opaque::class(global.into()))))
            }
            Node::List(_) | Node::Tuple(_) | Node::Set(_) | Node::FrozenSet(_) | Node::Dict(_) => return Ok(None),
            Node::Object(_) | Node::Persistent(_) => return Ok(None),
        }))
    }

    /// The container whose parts are the values from `first` on, which it takes.
    fn build(&mut self, entry: &Entry, first: usize) -> Result<Value> {
        let mut parts = self.values.drain(first.min(self.values.len())..);
        let mut items = || Arc::new(parts.by_ref().map(|part| part.value).collect::<Vec<_>>().into());
        Ok(match &entry.node {
            Node::List(_) => Value::List(items()),
            Node::Tuple(_) => Value::Tuple(items()),
            Node::Set(_) => Value::Set(distinct(items())?),
            Node::FrozenSet(_) => Value::FrozenSet(distinct(items())?),
            Node::Dict(entries) => Value::Dict(Arc::new(dict(pairs(&mut parts, entries.len()))?)),
            Node::Persistent(_) => {
                let id = parts.next().unwrap_or_default();
                check_settled(&id, entry.made)?;
                self.interpreter.persistent(&id.value)?
            }
            Node::Object(object) => {
                let (call, late) = prepare(object, entry.made, parts)?;
                let value = self.interpreter.call(call)?;
                match late {
                    Some(error) if !holds_arguments(&value) => return Err(error),
                    _ => value,
                }
            }
            // `leaf` has made it.
            _ => Value::None,
        })
    }

    /// Names the key and the byte of the value that an error is about.
    fn locate(&self, error: CheckpointError, id: Id) -> CheckpointError {
        let made = self.graph.entry(id).map_or(0, |entry| entry.made);
        let error = error.at(format_args!("byte {made}"));
        let ends = self.path.iter().skip(1).map(|inner| inner.id).chain([id]);
        let keys: Vec<String> =
            self.path.iter().zip(ends).filter_map(|(outer, inner)| self.key_of(outer.id, inner)).collect();
        if keys.is_empty() { error } else { error.at(format_args!("key `{}`", keys.join("."))) }
    }

    /// The key under which the dict `outer` holds `inner`.
    fn key_of(&self, outer: Id, inner: Id) -> Option<String> {
        let entries = match self.graph.node(outer)? {
            Node::Dict(entries) => entries,
            Node::Object(object) => &object.more.as_ref()?.entries,
            _ => return None,
        };
        let (key, _) = entries.iter().find(|(_, value)| *value == inner)?;
        match self.graph.node(*key)? {
            Node::Str(span) | Node::ByteStr(span) => {
                Some(clip(&String::from_utf8_lossy(self.graph.text(*span)), MAX_KEY))
            }
            Node::Int(key) => Some(key.to_string()),
            _ => None,
        }
    }
}

/// A cycle through an object (a configuration that links to its parent) ends in [`Value::Recursive`]; one of containers
/// alone is no tree. `object` is the depth of the innermost object, `depth` that of the container which is met again.
fn check_cycle(object: Option<&usize>, depth: usize) -> Result<Grown> {
    match object {
        Some(object) if *object >= depth => Ok(Grown { value: Value::Recursive, size: 1, changed: 0 }),
        _ => Err(CheckpointError::unsupported("a container holds itself").expected("a tree of values")),
    }
}
