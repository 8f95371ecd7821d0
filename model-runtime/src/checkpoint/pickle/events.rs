//! The opcodes of a pickle one by one, for a pass that keeps next to nothing.

use super::decode::{Change, Instruction, Make, instruction};
use super::graph::Node;
use super::input::{Input, Span};
use super::opcode::OpCode;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::source::Source;

/// What one opcode does to the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// Nothing.
    Skip,
    Stop,
    Int(i64),
    Text(Span),
    /// A class or function, by its name without the module.
    Global(Span),
    EmptyTuple,
    EmptyList,
    EmptyDict,
    /// Any other value that is pushed.
    Value,
    Mark,
    Pop,
    Put(u32),
    Memoize,
    Get(u32),
    /// Of the top values.
    Tuple(usize),
    TupleFromMark,
    /// A class or function, by the texts of its module and its name.
    StackGlobal,
    /// A call of what is under its arguments.
    Call,
    Append,
    Extend,
    SetItem,
    SetItems,
    Build,
    /// What the pickles of plain data classes do not use.
    Rare,
}

/// A window that moves over a pickle.
pub(crate) struct Events<'a> {
    input: Input<'a>,
    limits: &'a Limits,
}

impl<'a> Events<'a> {
    /// Those of the pickle that `source` is.
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { input: Input::window(source, 0, source.len()), limits: source.limits() }
    }

    pub(crate) fn next(&mut self) -> Result<Event> {
        let byte = u8::from_le_bytes(self.input.array()?);
        let op = OpCode::from_byte(byte).ok_or_else(|| CheckpointError::damaged("not a pickle opcode"))?;
        Ok(match instruction(op, &mut self.input, self.limits)? {
            Instruction::Skip => Event::Skip,
            Instruction::Stop => Event::Stop,
            Instruction::Push(node) => pushed(&node),
            Instruction::Mark => Event::Mark,
            Instruction::Pop => Event::Pop,
            Instruction::Put(index) => Event::Put(index),
            Instruction::Memoize => Event::Memoize,
            Instruction::Get(index) => Event::Get(index),
            Instruction::Make(Make::Tuple(len)) => Event::Tuple(len),
            Instruction::Make(Make::TupleFromMark) => Event::TupleFromMark,
            Instruction::Make(Make::StackGlobal) => Event::StackGlobal,
            Instruction::Make(Make::Reduce | Make::New) => Event::Call,
            Instruction::Change(Change::Append) => Event::Append,
            Instruction::Change(Change::Extend) => Event::Extend,
            Instruction::Change(Change::SetItem) => Event::SetItem,
            Instruction::Change(Change::SetItems) => Event::SetItems,
            Instruction::Change(Change::Build) => Event::Build,
            _ => Event::Rare,
        })
    }

    /// The bytes of the text or the name that the last event has; none of what is very long.
    pub(crate) fn text(&self, span: Span) -> &[u8] {
        self.input.bytes(span)
    }
}

fn pushed(node: &Node) -> Event {
    match node {
        Node::Int(value) => Event::Int(*value),
        Node::Str(span) | Node::ByteStr(span) => Event::Text(*span),
        Node::Global(_, name) => Event::Global(*name),
        Node::Tuple(_) => Event::EmptyTuple,
        Node::List(_) => Event::EmptyList,
        Node::Dict(_) => Event::EmptyDict,
        _ => Event::Value,
    }
}
