//! Python pickles as data: opcodes are checked, then become a graph, and the graph a tree of values. Knows nothing of
//! torch.

mod check;
mod decode;
mod effect;
mod encode;
mod events;
mod graph;
mod grown;
mod input;
mod interpreter;
mod kind;
mod machine;
mod memo;
mod opcode;
mod request;
mod stack;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use super::error::Result;
use super::source::Source;
use super::value::Value;

pub(crate) use encode::{BATCH, Encoder, Identity};
pub(crate) use events::{Event, Events};
pub(crate) use interpreter::{Call, Interpreter, dict, distinct};
pub(crate) use opcode::OpCode;

/// Reads the pickle that starts at `start`, and gives its value and the offset after its `STOP`.
///
/// What `interpreter` does not know becomes [`Value::Opaque`]. Positions in errors count from `start`.
///
/// # Errors
/// If the pickle is malformed, goes over a limit, runs past `end`, or the interpreter refuses a part of it.
pub(crate) fn load(source: &Source, start: u64, end: u64, interpreter: &mut dyn Interpreter) -> Result<(Value, u64)> {
    let checked = check::check(source, start, end)?;
    let graph = machine::Machine::new(source, start, checked)?.run()?;
    let after = graph.end;
    interpreter.names(graph.globals());
    let value = tree::grow(&graph, source.limits(), interpreter)?;
    Ok((value, after))
}
