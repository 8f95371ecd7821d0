//! Calls whose result is thrown away: a pickle makes them for what they do to an object.

use super::graph::{Graph, Id, IdSet, Node};
use super::memo::Memo;
use super::text;
use crate::checkpoint::error::{CheckpointError, Result, clip};

/// Bytes of the name of a function, in a message.
const MAX_NAME: usize = 80;

/// The result of a call that `POP` took from the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped {
    pub(super) id: Id,
    pub(super) at: u32,
    /// What the next opcode took from the memo.
    pub(super) then: Option<Id>,
}

/// Makes each such call a state of the object that it is given first: `f(object, state)` is how a class says that `f`
/// sets its state. An object that holds itself is made twice, and the second one dropped: that is no state.
pub(super) fn attach(graph: &mut Graph<'_>, dropped: &[Dropped], memo: &Memo) {
    if dropped.is_empty() {
        return;
    }
    let mut named = IdSet::default();
    memo.ids().for_each(|id| named.insert(id));
    // Arguments to compare: each once, so that a long tuple that many calls share costs what it is long.
    let mut budget = graph.elements.len();
    for Dropped { id, at, then } in dropped.iter().filter(|dropped| !named.contains(dropped.id)) {
        if then.is_some_and(|then| are_twins(graph, *id, then, &mut budget)) {
            graph.twins.insert(*id);
            continue;
        }
        let target = arguments(graph, *id).and_then(|args| args.first().copied());
        if let Some(entry) = target.and_then(|target| graph.entries.get_mut(target.index()))
            && let Node::Object(object) = &mut entry.node
        {
            object.more().states.push((*id, *at));
            entry.changed = entry.changed.max(*at);
        }
    }
}

/// Refuses a call that nothing in the tree holds: what it did would be lost.
pub(super) fn check_all_reached(graph: &Graph<'_>, reached: &IdSet) -> Result<()> {
    for (id, entry) in (0u32..).map(Id).zip(&graph.entries) {
        let Node::Object(object) = &entry.node else { continue };
        if reached.contains(id) || graph.twins.contains(id) {
            continue;
        }
        let error = CheckpointError::unsupported("the result of a call is thrown away, and what it does would be lost");
        let error = match graph.node(object.callable) {
            Some(Node::Global(module, name)) => match text::global_name(graph.text(*module), graph.text(*name)) {
                Ok(name) => error.got(format_args!("`{}`", clip(&name, MAX_NAME))),
                Err(_) => error,
            },
            _ => error,
        };
        return Err(error.at(format_args!("byte {}", entry.made)));
    }
    Ok(())
}

/// Whether two nodes are calls of the same function with the same arguments, as far as `budget` goes.
fn are_twins(graph: &Graph<'_>, one: Id, other: Id, budget: &mut usize) -> bool {
    let call = |id| match graph.node(id) {
        Some(Node::Object(object)) if object.more.is_none() => Some((object.callable, object.args)),
        _ => None,
    };
    let (Some((function, args)), Some((other_function, other_args))) = (call(one), call(other)) else { return false };
    if function != other_function || args == other_args {
        return function == other_function;
    }
    let (Some(args), Some(other_args)) = (arguments(graph, one), arguments(graph, other)) else { return false };
    if args.len() != other_args.len() {
        return false;
    }
    let Some(left) = budget.checked_sub(args.len()) else { return false };
    *budget = left;
    args == other_args
}

fn arguments<'a>(graph: &'a Graph<'_>, id: Id) -> Option<&'a [Id]> {
    match graph.node(id)? {
        Node::Object(object) => match graph.node(object.args)? {
            Node::Tuple(run) => Some(run.of(&graph.elements)),
            _ => None,
        },
        _ => None,
    }
}
