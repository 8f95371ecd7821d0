//! Runs the opcodes of a pickle and builds its graph. Nothing is called and nothing is imported.

mod change;

use std::vec::Drain;

use super::check::Checked;
use super::decode::{Instruction, Make, instruction};
use super::effect::{self, Dropped};
use super::graph::{Entry, Graph, Id, IdSet, Node, Object, Run};
use super::input::{Input, Span};
use super::memo::Memo;
use super::opcode::OpCode;
use super::stack::{Stack, underflow};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::source::Source;
use crate::checkpoint::value::Construct;

pub(super) use change::wrong_target;

/// Python's unpickler: a stack of nodes, the marks on it, and the memo.
pub(super) struct Machine<'a> {
    input: Input<'a>,
    limits: &'a Limits,
    entries: Vec<Entry>,
    /// The elements of all tuples.
    elements: Vec<Id>,
    /// What the memo gave back: a node that is only pushed once is only in one place.
    shared: IdSet,
    globals: Vec<(Span, Span)>,
    dropped: Vec<Dropped>,
    stack: Stack,
    memo: Memo,
    /// The position of the current opcode.
    at: u32,
}

impl<'a> Machine<'a> {
    /// A machine for the pickle that starts at `start` of the source, of which a first pass found out what it takes.
    pub(super) fn new(source: &'a Source, start: u64, checked: Checked) -> Result<Self> {
        let len = u64::try_from(checked.len).unwrap_or(u64::MAX);
        let input = Input::whole(source, start, start.saturating_add(len))?;
        let entries = Vec::with_capacity(checked.nodes);
        let (elements, shared, globals, dropped) = (Vec::new(), IdSet::default(), Vec::new(), Vec::new());
        let (limits, stack, memo) = (source.limits(), Stack::default(), Memo::default());
        Ok(Self { input, limits, entries, elements, shared, globals, dropped, stack, memo, at: 0 })
    }

    /// Runs to `STOP`.
    pub(super) fn run(mut self) -> Result<Graph<'a>> {
        loop {
            let start = self.input.pos();
            let byte = u8::from_le_bytes(self.input.array().map_err(|e| e.at(format_args!("byte {start}")))?);
            let Some(op) = OpCode::from_byte(byte) else {
                let error = CheckpointError::damaged("not a pickle opcode").got(format_args!("0x{byte:02x}"));
                return Err(error.at(format_args!("byte {start}")));
            };
            self.at = u32::try_from(start).unwrap_or(u32::MAX);
            match self.step(op) {
                Ok(None) => {}
                Ok(Some(root)) => return Ok(self.finish(root)),
                Err(error) => return Err(error.at(format_args!("byte {start} ({})", op.name()))),
            }
        }
    }

    fn finish(self, root: Id) -> Graph<'a> {
        let end = self.input.file_pos();
        let Self { entries, elements, shared, globals, dropped, memo, .. } = self;
        let (twins, bytes) = (IdSet::default(), self.input.into_buffer());
        let mut graph = Graph { entries, elements, shared, globals, twins, bytes, root, end };
        effect::attach(&mut graph, &dropped, &memo);
        graph
    }

    /// Runs one opcode; gives the result at `STOP`.
    fn step(&mut self, op: OpCode) -> Result<Option<Id>> {
        match instruction(op, &mut self.input, self.limits)? {
            Instruction::Skip => {}
            Instruction::Stop => return self.stack.pop_last().map(Some),
            Instruction::Push(node) => self.push(node)?,
            Instruction::Mark => self.stack.mark(),
            Instruction::Pop => self.pop()?,
            Instruction::PopMark => drop(self.stack.pop_mark()?),
            Instruction::Dup => self.push_again(self.stack.top()?),
            Instruction::Put(index) => self.put(index)?,
            Instruction::Memoize => self.memoize()?,
            Instruction::Get(index) => self.get(index)?,
            Instruction::Change(change) => self.change(change)?,
            Instruction::Make(make) => self.make(make)?,
        }
        Ok(None)
    }

    /// Replaces values on the stack by one that is made of them.
    fn make(&mut self, make: Make) -> Result<()> {
        let node = match make {
            Make::Tuple(len) => tuple(self.stack.pop_many(len)?, &mut self.elements)?,
            Make::TupleFromMark => tuple(self.stack.pop_mark()?, &mut self.elements)?,
            Make::ListFromMark => Node::List(self.stack.pop_mark()?.collect()),
            Make::FrozenSetFromMark => Node::FrozenSet(self.stack.pop_mark()?.collect()),
            Make::DictFromMark => Node::Dict(pairs(self.stack.pop_mark()?.as_slice())?),
            Make::PersistentId => Node::Persistent(self.stack.pop()?),
            Make::StackGlobal => self.stack_global()?,
            Make::Reduce => self.reduce(Construct::Call)?,
            Make::New => self.reduce(Construct::New)?,
            Make::ReduceWithKeywords => self.reduce_with_keywords()?,
            Make::Inst(module, name) => self.inst(module, name)?,
            Make::Obj => self.obj()?,
        };
        self.push(node)
    }

    fn add(&mut self, node: Node) -> Result<Id> {
        let limit = self.limits.pickle_values;
        let id = u32::try_from(self.entries.len()).ok().filter(|id| u64::from(*id) < limit);
        let Some(id) = id else {
            return Err(CheckpointError::limit("the pickle has too many values", "pickle_values", limit, "more"));
        };
        if let Node::Global(module, name) = &node {
            self.globals.push((*module, *name));
        }
        self.entries.push(Entry { node, made: self.at, changed: self.at });
        Ok(Id(id))
    }

    fn push(&mut self, node: Node) -> Result<()> {
        let id = self.add(node)?;
        self.stack.push(id);
        Ok(())
    }

    fn put(&mut self, index: u32) -> Result<()> {
        self.memo.set(index, self.stack.top()?);
        Ok(())
    }

    fn memoize(&mut self) -> Result<()> {
        let index = u32::try_from(self.memo.len).map_err(|_| CheckpointError::damaged("the memo is full"))?;
        self.memo.set(index, self.stack.top()?);
        Ok(())
    }

    fn pop(&mut self) -> Result<()> {
        let (top, at) = (self.stack.top(), self.at);
        self.stack.pop_any()?;
        if let Ok(id) = top
            && matches!(self.node(id), Some(Node::Object(_)))
        {
            self.dropped.push(Dropped { id, at, then: None });
        }
        Ok(())
    }

    fn get(&mut self, index: u32) -> Result<()> {
        let unset = || CheckpointError::damaged("nothing was memoised under this index").got(index);
        let id = self.memo.get(index).ok_or_else(unset)?;
        if let Some(dropped) = self.dropped.last_mut().filter(|dropped| dropped.at.checked_add(1) == Some(self.at)) {
            dropped.then = Some(id);
        }
        self.push_again(id);
        Ok(())
    }

    fn push_again(&mut self, id: Id) {
        self.shared.insert(id);
        self.stack.push(id);
    }

    fn stack_global(&mut self) -> Result<Node> {
        let (name, module) = (self.stack.pop()?, self.stack.pop()?);
        let text = |id: Id| match self.node(id) {
            Some(Node::Str(span)) => Ok(*span),
            _ => Err(CheckpointError::damaged("the module and the name of a global are no strings")),
        };
        Ok(Node::Global(text(module)?, text(name)?))
    }

    fn inst(&mut self, module: Span, name: Span) -> Result<Node> {
        let args = tuple(self.stack.pop_mark()?, &mut self.elements)?;
        let callable = self.add(Node::Global(module, name))?;
        let args = self.add(args)?;
        self.call(callable, args, None, Construct::Call)
    }

    fn obj(&mut self) -> Result<Node> {
        let mut args = self.stack.pop_mark()?;
        let callable = args.next().ok_or_else(underflow)?;
        let args = tuple(args, &mut self.elements)?;
        let args = self.add(args)?;
        self.call(callable, args, None, Construct::Call)
    }

    fn reduce(&mut self, construct: Construct) -> Result<Node> {
        let (args, callable) = (self.stack.pop()?, self.stack.pop()?);
        self.call(callable, args, None, construct)
    }

    fn reduce_with_keywords(&mut self) -> Result<Node> {
        let (keywords, args, callable) = (self.stack.pop()?, self.stack.pop()?, self.stack.pop()?);
        self.call(callable, args, Some(keywords), Construct::Other)
    }

    fn call(&self, callable: Id, args: Id, kwargs: Option<Id>, construct: Construct) -> Result<Node> {
        let wrong =
            |what: &str, id: Id| CheckpointError::damaged(what).got(self.node(id).map_or("nothing", Node::type_name));
        match self.node(callable) {
            Some(Node::Global(..) | Node::Persistent(_) | Node::Object(_)) => {}
            _ => return Err(wrong("the callee is no class or function", callable)),
        }
        match self.node(args) {
            Some(Node::Tuple(_)) => {}
            _ => return Err(wrong("the arguments are no tuple", args)),
        }
        Ok(Node::Object(Object::new(callable, args, kwargs, construct)))
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.entries.get(id.index()).map(|entry| &entry.node)
    }
}

/// The tuple of `items`, which go to the end of all `elements`.
fn tuple(items: Drain<'_, Id>, elements: &mut Vec<Id>) -> Result<Node> {
    let limit = || CheckpointError::limit("the tuples have too many elements", "pickle_opcodes", u32::MAX, "more");
    let run = || Some((u32::try_from(elements.len()).ok()?, u32::try_from(items.len()).ok()?));
    let (start, len) = run().ok_or_else(limit)?;
    elements.extend_from_slice(items.as_slice());
    Ok(Node::Tuple(Run { start, len }))
}

fn pairs(ids: &[Id]) -> Result<Vec<(Id, Id)>> {
    let (pairs, rest) = ids.as_chunks();
    match rest {
        [] => Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect()),
        _ => Err(CheckpointError::damaged("a key without a value").expected("an even number of values").got(ids.len())),
    }
}
