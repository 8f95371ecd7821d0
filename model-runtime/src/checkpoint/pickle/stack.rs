//! The stack of the pickle machine, with the marks that opcodes pop down to.

use std::vec::Drain;

use super::graph::Id;
use crate::checkpoint::error::{CheckpointError, Result};

/// Values, and marks between them. Nothing below the last mark can be popped, so that a mark is never a value.
#[derive(Debug, Default)]
pub(super) struct Stack {
    values: Vec<Id>,
    /// The number of values below each mark.
    marks: Vec<usize>,
}

impl Stack {
    pub(super) fn push(&mut self, id: Id) {
        self.values.push(id);
    }

    pub(super) fn mark(&mut self) {
        self.marks.push(self.values.len());
    }

    pub(super) fn top(&self) -> Result<Id> {
        self.values.last().copied().filter(|_| self.available() > 0).ok_or_else(underflow)
    }

    pub(super) fn pop(&mut self) -> Result<Id> {
        let id = self.top()?;
        self.values.pop();
        Ok(id)
    }

    /// The top `len` values, the lowest first.
    pub(super) fn pop_many(&mut self, len: usize) -> Result<Drain<'_, Id>> {
        if self.available() < len {
            return Err(underflow());
        }
        Ok(self.values.drain(self.values.len().saturating_sub(len)..))
    }

    /// All values above the last mark, and the mark.
    pub(super) fn pop_mark(&mut self) -> Result<Drain<'_, Id>> {
        let mark = self.marks.pop().ok_or_else(no_mark)?;
        Ok(self.values.drain(mark.min(self.values.len())..))
    }

    /// The top value, or the mark if there is nothing above it.
    pub(super) fn pop_any(&mut self) -> Result<()> {
        if self.available() == 0 && self.marks.pop().is_some() {
            return Ok(());
        }
        self.pop().map(drop)
    }

    /// The only value: Python returns the top one and forgets the others.
    pub(super) fn pop_last(&mut self) -> Result<Id> {
        let id = self.pop()?;
        if self.values.is_empty() && self.marks.is_empty() {
            return Ok(id);
        }
        let error = CheckpointError::damaged("values are left over at the end of the pickle").expected("one value");
        Err(error.got(format_args!("{} values and {} marks", self.values.len().saturating_add(1), self.marks.len())))
    }

    /// The number of values above the last mark.
    fn available(&self) -> usize {
        self.values.len().saturating_sub(self.marks.last().copied().unwrap_or(0))
    }
}

pub(super) fn underflow() -> CheckpointError {
    CheckpointError::damaged("the stack is empty")
}

pub(super) fn no_mark() -> CheckpointError {
    CheckpointError::damaged("there is no mark on the stack")
}
