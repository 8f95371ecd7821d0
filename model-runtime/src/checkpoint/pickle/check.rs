//! A first pass over a pickle that keeps one byte for each value: what cannot be finished is refused before the
//! graph, which takes far more, is built.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use super::decode::{Change, Instruction, Make, instruction};
use super::input::Input;
use super::kind::{Bytes, FOLLOWED, Kind, Memo};
use super::machine::wrong_target;
use super::opcode::OpCode;
use super::stack::{no_mark, underflow};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::source::Source;

/// How many arguments PyTorch makes a tensor of: a storage, an offset, sizes, strides and what came later.
const TENSOR_ARGUMENTS: RangeInclusive<usize> = 4..=8;

/// What the pass found out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checked {
    /// Bytes up to and with `STOP`.
    pub(super) len: usize,
    /// Nodes that the second pass makes.
    pub(super) nodes: usize,
}

/// Runs the opcodes from `start` on without keeping what they build.
pub(super) fn check(source: &Source, start: u64, end: u64) -> Result<Checked> {
    let (input, limits) = (Input::window(source, start, end), source.limits());
    let mut check =
        Check { input, limits, stack: Bytes::default(), deep: VecDeque::new(), memo: Memo::default(), nodes: 0 };
    let mut opcodes = 0u64;
    loop {
        let at = check.input.pos();
        opcodes = opcodes.saturating_add(1);
        if opcodes > limits.pickle_opcodes {
            let limit = limits.pickle_opcodes;
            return Err(CheckpointError::limit("the pickle has too many opcodes", "pickle_opcodes", limit, opcodes));
        }
        let byte = u8::from_le_bytes(check.input.array().map_err(|e| e.at(format_args!("byte {at}")))?);
        let Some(op) = OpCode::from_byte(byte) else {
            let error = CheckpointError::damaged("not a pickle opcode").got(format_args!("0x{byte:02x}"));
            return Err(error.at(format_args!("byte {at}")));
        };
        let stopped = check.step(op).map_err(|error| error.at(format_args!("byte {at} ({})", op.name())))?;
        if stopped {
            return Ok(Checked { len: check.input.pos(), nodes: check.nodes });
        }
    }
}

struct Check<'a> {
    input: Input<'a>,
    limits: &'a Limits,
    stack: Bytes,
    /// The places on the stack of values with others inside, and how deep those are nested: a lower bound.
    deep: VecDeque<(usize, usize)>,
    memo: Memo,
    nodes: usize,
}

impl Check<'_> {
    /// Runs one opcode; whether it was `STOP`.
    fn step(&mut self, op: OpCode) -> Result<bool> {
        match instruction(op, &mut self.input, self.limits)? {
            Instruction::Skip => {}
            Instruction::Stop => return self.stop().map(|()| true),
            Instruction::Push(node) => self.add(Kind::of(&node), 1)?,
            Instruction::Mark => self.stack.push(Kind::Mark),
            Instruction::Pop if self.stack.last() == Some(Kind::Mark) => drop(self.stack.pop()),
            Instruction::Pop => drop(self.pop()?),
            Instruction::PopMark => {
                self.pop_mark(|_| {})?;
            }
            Instruction::Dup => {
                let kind = self.top()?;
                self.stack.push(kind);
            }
            Instruction::Put(index) => {
                let kind = self.top()?;
                self.memo.set(index, kind);
            }
            Instruction::Memoize => {
                let (kind, index) = (self.top()?, self.memo.len);
                self.memo.set(u32::try_from(index).map_err(|_| CheckpointError::damaged("the memo is full"))?, kind);
            }
            Instruction::Get(index) => {
                let unset = || CheckpointError::damaged("nothing was memoised under this index").got(index);
                let kind = self.memo.get(index).ok_or_else(unset)?;
                self.stack.push(kind);
            }
            Instruction::Change(change) => self.change(&change)?,
            Instruction::Make(make) => self.make(&make)?,
        }
        Ok(false)
    }

    fn stop(&mut self) -> Result<()> {
        self.pop()?;
        if self.stack.len() == 0 {
            return Ok(());
        }
        let (mut values, mut marks) = (1usize, 0usize);
        while let Some(kind) = self.stack.pop() {
            let count = if kind == Kind::Mark { &mut marks } else { &mut values };
            *count = count.saturating_add(1);
        }
        let error = CheckpointError::damaged("values are left over at the end of the pickle").expected("one value");
        Err(error.got(format_args!("{values} values and {marks} marks")))
    }

    fn make(&mut self, make: &Make) -> Result<()> {
        let (kind, inner) = match make {
            Make::Tuple(len) => {
                let mut depth = 0;
                for _ in 0..*len {
                    depth = depth.max(self.pop()?.1);
                }
                (Kind::Tuple, depth)
            }
            Make::TupleFromMark => self.tuple()?,
            Make::ListFromMark => (Kind::List, self.pop_mark(|_| {})?.depth),
            Make::FrozenSetFromMark => (Kind::Set, self.pop_mark(|_| {})?.depth),
            Make::DictFromMark => (Kind::Dict, self.pop_pairs()?),
            Make::PersistentId => (Kind::Persistent, self.pop()?.1),
            Make::StackGlobal => self.stack_global()?,
            Make::Reduce | Make::New => self.call(false)?,
            Make::ReduceWithKeywords => self.call(true)?,
            Make::Inst(..) => {
                let above = self.pop_mark(|_| {})?;
                self.nodes = self.nodes.saturating_add(2);
                (Kind::Object, above.depth.saturating_add(1))
            }
            Make::Obj => {
                let mut callable = None;
                let above = self.pop_mark(|kind| callable = Some(kind))?;
                check_callable(callable.ok_or_else(underflow)?)?;
                self.nodes = self.nodes.saturating_add(1);
                (Kind::Object, above.depth.saturating_add(1))
            }
        };
        self.add(kind, inner.saturating_add(1))
    }

    fn tuple(&mut self) -> Result<(Kind, usize)> {
        let (mut first, mut holds_long) = (Kind::Mark, false);
        let above = self.pop_mark(|kind| {
            first = kind;
            holds_long |= kind == Kind::LongTuple;
        })?;
        let kind = match above.count {
            count if count > self.limits.rank => Kind::LongTuple,
            count if holds_long && first == Kind::Persistent && TENSOR_ARGUMENTS.contains(&count) => Kind::LongTensor,
            _ => Kind::Tuple,
        };
        Ok((kind, above.depth))
    }

    fn stack_global(&mut self) -> Result<(Kind, usize)> {
        let (name, module) = (self.pop()?.0, self.pop()?.0);
        match [name, module].iter().all(|kind| matches!(kind, Kind::Str | Kind::Unknown)) {
            true => Ok((Kind::Global, 0)),
            false => Err(CheckpointError::damaged("the module and the name of a global are no strings")),
        }
    }

    fn call(&mut self, with_keywords: bool) -> Result<(Kind, usize)> {
        let keywords = if with_keywords { self.pop()?.1 } else { 0 };
        let ((args, depth), (callable, callable_depth)) = (self.pop()?, self.pop()?);
        let depth = depth.max(callable_depth);
        check_callable(callable)?;
        match args {
            Kind::LongTensor => {
                let limit = self.limits.rank;
                Err(CheckpointError::limit("the tensor has too many dimensions", "rank", limit, "more"))
            }
            Kind::Tuple | Kind::LongTuple | Kind::Unknown => Ok((Kind::Object, depth.max(keywords))),
            other => Err(CheckpointError::damaged("the arguments are no tuple").got(other.type_name())),
        }
    }

    fn change(&mut self, change: &Change) -> Result<()> {
        let inner = match change {
            Change::Append | Change::Build => self.pop()?.1,
            Change::Extend | Change::AddItems => self.pop_mark(|_| {})?.depth,
            Change::SetItem => self.pop()?.1.max(self.pop()?.1),
            Change::SetItems => self.pop_pairs()?,
        };
        let target = self.top()?;
        let (fits, operation) = match change {
            Change::Append | Change::Extend => (target == Kind::List, "appended to"),
            Change::AddItems => (target == Kind::Set, "added to"),
            Change::SetItem | Change::SetItems => (target == Kind::Dict, "given entries"),
            Change::Build => (false, "given a state"),
        };
        if !fits && !matches!(target, Kind::Object | Kind::Unknown) {
            return Err(wrong_target(operation, target.type_name()));
        }
        let depth = self.forget().max(inner.saturating_add(1));
        self.note(depth)
    }

    /// Pushes a value that the second pass makes a node for.
    fn add(&mut self, kind: Kind, depth: usize) -> Result<()> {
        let limit = self.limits.pickle_values;
        self.nodes = self.nodes.saturating_add(1);
        if u64::try_from(self.nodes).is_ok_and(|nodes| nodes > limit) {
            return Err(CheckpointError::limit("the pickle has too many values", "pickle_values", limit, "more"));
        }
        self.stack.push(kind);
        self.note(depth)
    }

    /// Notes how deep the top value is.
    fn note(&mut self, depth: usize) -> Result<()> {
        let limit = self.limits.nesting;
        if depth > limit {
            return Err(CheckpointError::limit("values are nested too deep", "nesting", limit, "more"));
        }
        if depth > 1 {
            if self.deep.len() >= FOLLOWED {
                self.deep.pop_front();
            }
            self.deep.push_back((self.stack.len(), depth));
        }
        Ok(())
    }

    /// How deep the value was that was just popped or is about to be changed; a plain value has depth 1.
    fn forget(&mut self) -> usize {
        match self.deep.back() {
            Some((place, depth)) if *place >= self.stack.len() => {
                let depth = *depth;
                self.deep.pop_back();
                depth
            }
            _ => 1,
        }
    }

    fn top(&self) -> Result<Kind> {
        self.stack.last().filter(|kind| *kind != Kind::Mark).ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<(Kind, usize)> {
        let kind = self.top()?;
        let depth = self.forget();
        self.stack.pop();
        Ok((kind, depth))
    }

    /// Pops the values above the last mark, and the mark. `visit` sees the lowest value last.
    fn pop_mark(&mut self, mut visit: impl FnMut(Kind)) -> Result<Above> {
        let mut above = Above::default();
        loop {
            match self.stack.last() {
                None => return Err(no_mark()),
                Some(Kind::Mark) => {
                    self.stack.pop();
                    return Ok(above);
                }
                Some(kind) => {
                    visit(kind);
                    above = Above { count: above.count.saturating_add(1), depth: above.depth.max(self.pop()?.1) };
                }
            }
        }
    }

    fn pop_pairs(&mut self) -> Result<usize> {
        let above = self.pop_mark(|_| {})?;
        match above.count.is_multiple_of(2) {
            true => Ok(above.depth),
            false => Err(CheckpointError::damaged("a key without a value")
                .expected("an even number of values")
                .got(above.count)),
        }
    }
}

/// The values above a mark: how many, and the depth of the deepest.
#[derive(Default)]
struct Above {
    count: usize,
    depth: usize,
}

fn check_callable(callable: Kind) -> Result<()> {
    match callable {
        Kind::Global | Kind::Persistent | Kind::Object | Kind::Unknown => Ok(()),
        other => Err(CheckpointError::damaged("the callee is no class or function").got(other.type_name())),
    }
}

#[cfg(test)]
mod tests;
