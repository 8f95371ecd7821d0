//! Turns the graph of a pickle into a tree of values, children first and without recursion.

use std::collections::hash_map::Entry as MapEntry;
use std::sync::Arc;
use std::vec::Drain;

use super::effect::check_all_reached;
use super::graph::IdSet;
use super::graph::{Entry, Graph, Id, Node, Object};
use super::interpreter::{Call, Interpreter, dict, distinct};
use super::text;
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::value::{Construct, Opaque, Value};
use crate::hash::FastMap;

/// Bytes of each key on the way to a value, in a message.
const MAX_KEY: usize = 80;

/// What it is to call an object, or to make one of a class that is no global, as a function of it and its arguments.
const CALL: &str = "operator.call";
const NEW: &str = "copyreg.__newobj__";

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

#[derive(Clone, Default)]
struct Grown {
    value: Value,
    /// Values in the tree with every alias written out.
    size: u64,
    /// The position of the last opcode that changed this or anything in it.
    changed: u32,
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
        if is_method(&value) {
            // What becomes of the object is seen through it.
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
                    Some(error) if !is_method(&value) => return Err(error),
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

/// Python hands an argument over as it is at that moment. The tree shows it as it is at the end: the two must be the
/// same.
fn check_settled(argument: &Grown, at: u32) -> Result<()> {
    if argument.changed <= at {
        return Ok(());
    }
    Err(CheckpointError::damaged("an argument is changed after the call that took it")
        .got(format_args!("a change at byte {}", argument.changed)))
}

/// Whether this is a method of an object: a reference to it, whatever becomes of it.
fn is_method(value: &Value) -> bool {
    matches!(value, Value::Opaque(object) if object.global() == "builtins.getattr")
}

/// The call of `object`, which the opcode at `made` asks for, and what is wrong with it if something is made of its
/// arguments. Its parts come as [`Graph::child`] numbers them.
fn prepare(object: &Object, made: u32, mut parts: Drain<'_, Grown>) -> Result<(Call, Option<CheckpointError>)> {
    let (callable, args) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let late = check_settled(&args, made).err();
    let (mut kwargs, mut items, mut entries, mut states) = (None, Vec::new(), Vec::new(), Vec::new());
    if let Some(more) = &object.more {
        kwargs = more.kwargs.and_then(|_| parts.next()).map(|part| part.value);
        items = parts.by_ref().take(more.items.len()).map(|part| part.value).collect();
        entries = pairs(&mut parts, more.entries.len());
        for ((_, at), state) in more.states.iter().zip(parts) {
            check_settled(&state, *at)?;
            states.push(state.value);
        }
    }
    let (global, callee) = callee(callable.value, object.construct)?;
    let Value::Tuple(args) = args.value else {
        return Err(CheckpointError::damaged("the arguments of a call hold the call").at(global));
    };
    let (args, construct) = match callee {
        None => (args, object.construct),
        Some(callee) => (
            Arc::new([callee].into_iter().chain(args.iter().cloned()).collect::<Vec<_>>().into()),
            object.construct.of_object(),
        ),
    };
    // Written again, the call would get its arguments as they are at the end.
    let construct = if late.is_some() { Construct::Other } else { construct };
    Ok((Call { global, args, kwargs, items, entries, states, construct }, late))
}

/// The function that is called; where an object is called (a class that was pickled by value), one that does it, and the
/// object, which is its first argument.
fn callee(callable: Value, construct: Construct) -> Result<(Arc<str>, Option<Value>)> {
    match callable {
        Value::Opaque(callee) if callee.args.is_none() => Ok((Arc::clone(&callee.global), None)),
        object @ (Value::Opaque(_) | Value::Recursive) => {
            let function = if construct == Construct::Call { CALL } else { NEW };
            Ok((function.into(), Some(object)))
        }
        other => Err(CheckpointError::damaged("the callee is no class or function").got(other.type_name())),
    }
}

/// The next `len` keys with their values.
fn pairs(parts: &mut Drain<'_, Grown>, len: usize) -> Vec<(Value, Value)> {
    let mut pairs = Vec::with_capacity(len.min(parts.len() / 2));
    while pairs.len() < len
        && let (Some(key), Some(value)) = (parts.next(), parts.next())
    {
        pairs.push((key.value, value.value));
    }
    pairs
}
