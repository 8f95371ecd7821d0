//! Turns the graph of a pickle into a tree of values, children first and without recursion.

use std::sync::Arc;

use super::graph::{Entry, Graph, Id, Node, Object};
use super::interpreter::{Call, Interpreter, dict, tuple};
use super::text;
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::value::{Opaque, Value};

/// Bytes of each key on the way to a value, in a message.
const MAX_KEY: usize = 80;

/// The value at the root of `graph`.
pub(super) fn grow(graph: &Graph<'_>, limits: &Limits, interpreter: &mut dyn Interpreter) -> Result<Value> {
    let mut tree = Tree {
        graph,
        limits,
        interpreter,
        slots: Vec::new(),
        pending: vec![Step::Enter(graph.root)],
        path: Vec::new(),
        objects: Vec::new(),
    };
    while let Some(step) = tree.pending.pop() {
        let result = match step {
            Step::Enter(id) => tree.enter(id),
            Step::Leave(id) => tree.leave(id),
        };
        result.map_err(|error| tree.locate(error, step))?;
    }
    Ok(tree.value(graph.root))
}

struct Tree<'a> {
    graph: &'a Graph<'a>,
    limits: &'a Limits,
    interpreter: &'a mut dyn Interpreter,
    /// By id, as far as nodes were entered.
    slots: Vec<Slot>,
    pending: Vec<Step>,
    /// The containers around the current node, outermost first.
    path: Vec<Id>,
    /// The places in `path` of the calls.
    objects: Vec<usize>,
}

#[derive(Clone, Copy)]
enum Step {
    Enter(Id),
    Leave(Id),
}

enum Slot {
    New,
    /// A container around the current node, at this depth.
    Open(usize),
    Done(Grown),
}

struct Grown {
    value: Value,
    /// Values in the tree with every alias written out.
    size: u64,
    /// The position of the last opcode that changed this or anything in it.
    changed: u32,
}

impl Tree<'_> {
    fn enter(&mut self, id: Id) -> Result<()> {
        let Some(entry) = self.graph.entry(id) else { return Ok(()) };
        if self.slots.len() <= id.index() {
            self.slots.resize_with(id.index().saturating_add(1), || Slot::New);
        }
        let Some(slot) = self.slots.get_mut(id.index()) else { return Ok(()) };
        match slot {
            Slot::Done(_) => return Ok(()),
            Slot::Open(depth) => {
                let depth = *depth;
                return self.check_cycle(depth);
            }
            Slot::New => *slot = Slot::Open(self.path.len()),
        }
        if self.path.len() >= self.limits.nesting {
            let limit = self.limits.nesting;
            return Err(CheckpointError::limit("values are nested too deep", "nesting", limit, "more"));
        }
        if entry.node.is_leaf() {
            return self.finish(id, entry, 1, entry.changed);
        }
        if matches!(entry.node, Node::Object(_)) {
            self.objects.push(self.path.len());
        }
        self.path.push(id);
        self.pending.push(Step::Leave(id));
        let first = self.pending.len();
        let pending = &mut self.pending;
        let (graph, slots, room) = (self.graph, &self.slots, self.path.len() < self.limits.nesting);
        entry.node.for_each_child(|child| {
            let is_plain = room && graph.node(child).is_some_and(|node| plain(node).is_some());
            if !is_plain && !matches!(slots.get(child.index()), Some(Slot::Done(_))) {
                pending.push(Step::Enter(child));
            }
        });
        self.pending.get_mut(first..).unwrap_or_default().reverse();
        Ok(())
    }

    /// A cycle through an object (a configuration that links to its parent) ends in [`Value::Recursive`]; one of
    /// plain containers is nothing that a tree can hold.
    fn check_cycle(&self, depth: usize) -> Result<()> {
        match self.objects.last() {
            Some(object) if *object >= depth => Ok(()),
            _ => Err(CheckpointError::unsupported("a container holds itself").expected("a tree of values")),
        }
    }

    fn leave(&mut self, id: Id) -> Result<()> {
        let graph = self.graph;
        let Some(entry) = graph.entry(id) else { return Ok(()) };
        let mut size = 1u64;
        let mut changed = entry.changed;
        entry.node.for_each_child(|child| {
            let inner = self.grown(child);
            size = size.saturating_add(inner.map_or(1, |grown| grown.size));
            changed = changed.max(inner.map_or(0, |grown| grown.changed));
        });
        if size > self.limits.pickle_values {
            let limit = self.limits.pickle_values;
            return Err(CheckpointError::limit("aliases multiply into too many values", "pickle_values", limit, size));
        }
        self.finish(id, entry, size, changed)?;
        self.path.pop();
        if matches!(entry.node, Node::Object(_)) {
            self.objects.pop();
        }
        Ok(())
    }

    fn finish(&mut self, id: Id, entry: &Entry, size: u64, changed: u32) -> Result<()> {
        let value = self.build(entry)?;
        if let Some(slot) = self.slots.get_mut(id.index()) {
            *slot = Slot::Done(Grown { value, size, changed });
        }
        Ok(())
    }

    fn grown(&self, id: Id) -> Option<&Grown> {
        match self.slots.get(id.index()) {
            Some(Slot::Done(grown)) => Some(grown),
            _ => None,
        }
    }

    fn value(&self, id: Id) -> Value {
        match self.grown(id) {
            Some(grown) => grown.value.clone(),
            None => self.graph.node(id).and_then(plain).unwrap_or(Value::Recursive),
        }
    }

    fn values(&self, ids: &[Id]) -> Vec<Value> {
        ids.iter().map(|id| self.value(*id)).collect()
    }

    fn entries(&self, ids: &[(Id, Id)]) -> Vec<(Value, Value)> {
        ids.iter().map(|(key, value)| (self.value(*key), self.value(*value))).collect()
    }

    fn build(&mut self, entry: &Entry) -> Result<Value> {
        Ok(match &entry.node {
            Node::BigInt(value) => Value::BigInt(value.clone()),
            node @ (Node::None | Node::Bool(_) | Node::Int(_) | Node::Float(_)) => plain(node).unwrap_or_default(),
            Node::Str(span) => text::string(self.graph.text(*span))?,
            Node::ByteStr(span) => text::byte_string(self.graph.text(*span)),
            Node::Bytes(span) => Value::Bytes(self.graph.text(*span).into()),
            Node::ByteArray(span) => Value::ByteArray(self.graph.text(*span).into()),
            Node::List(ids) => Value::List(Arc::new(self.values(ids).into())),
            Node::Tuple(ids) => tuple(self.values(ids)),
            Node::Set(ids) => Value::Set(Arc::new(self.values(ids).into())),
            Node::FrozenSet(ids) => Value::FrozenSet(Arc::new(self.values(ids).into())),
            Node::Dict(ids) => Value::Dict(Arc::new(dict(self.entries(ids))?)),
            Node::Global(module, name) => {
                let global = text::global_name(self.graph.text(*module), self.graph.text(*name))?;
                self.interpreter
                    .global(&global)
                    .unwrap_or_else(|| Value::Opaque(Arc::new(Opaque::class(global.into()))))
            }
            Node::Persistent(id) => {
                self.check_settled(*id, entry.made)?;
                let id = self.value(*id);
                self.interpreter.persistent(&id)?
            }
            Node::Object(object) => {
                let call = self.prepare(object, entry.made)?;
                self.interpreter.call(call)?
            }
        })
    }

    fn prepare(&self, object: &Object, made: u32) -> Result<Call> {
        self.check_settled(object.args, made)?;
        object.states.iter().try_for_each(|(state, at)| self.check_settled(*state, *at))?;
        let global = match self.value(object.callable) {
            Value::Opaque(callee) if callee.args.is_none() => Arc::clone(&callee.global),
            other => return Err(CheckpointError::damaged("the callee is no class or function").got(other.type_name())),
        };
        let Value::Tuple(args) = self.value(object.args) else {
            return Err(CheckpointError::damaged("the arguments of a call hold the call").at(global));
        };
        let kwargs = object.kwargs.map(|id| self.value(id));
        let (items, entries) = (self.values(&object.items), self.entries(&object.entries));
        let states = object.states.iter().map(|(id, _)| self.value(*id)).collect();
        Ok(Call { global, args, kwargs, items, entries, states, construct: object.construct })
    }

    /// Python hands an argument over as it is at that moment. The tree shows it as it is at the end: the two must
    /// be the same.
    fn check_settled(&self, id: Id, at: u32) -> Result<()> {
        match self.grown(id) {
            Some(grown) if grown.changed > at => {
                Err(CheckpointError::damaged("an argument is changed after the call that took it")
                    .got(format_args!("a change at byte {}", grown.changed)))
            }
            _ => Ok(()),
        }
    }

    /// Names the key and the byte of the value that an error is about.
    fn locate(&self, error: CheckpointError, step: Step) -> CheckpointError {
        let (Step::Enter(id) | Step::Leave(id)) = step;
        let made = self.graph.entry(id).map_or(0, |entry| entry.made);
        let error = error.at(format_args!("byte {made}"));
        let ends = self.path.iter().skip(1).chain([&id]);
        let keys: Vec<String> =
            self.path.iter().zip(ends).filter_map(|(outer, inner)| self.key_of(*outer, *inner)).collect();
        if keys.is_empty() { error } else { error.at(format_args!("key `{}`", keys.join("."))) }
    }

    /// The key under which the dict `outer` holds `inner`.
    fn key_of(&self, outer: Id, inner: Id) -> Option<String> {
        let entries = match self.graph.node(outer)? {
            Node::Dict(entries) => entries,
            Node::Object(object) => &object.entries,
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

/// The value of a node that is as quickly made as looked up: it takes no slot.
fn plain(node: &Node) -> Option<Value> {
    match node {
        Node::None => Some(Value::None),
        Node::Bool(value) => Some(Value::Bool(*value)),
        Node::Int(value) => Some(Value::Int(*value)),
        Node::Float(value) => Some(Value::Float(*value)),
        _ => None,
    }
}
