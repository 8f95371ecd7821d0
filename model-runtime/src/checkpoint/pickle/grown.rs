//! A value that is finished: what the containers around it take.

use std::vec::Drain;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::value::Value;

/// A value of the tree, with what is known of its history.
#[derive(Clone, Default)]
pub(super) struct Grown {
    pub(super) value: Value,
    /// Values in the tree with every alias written out.
    pub(super) size: u64,
    /// The position of the last opcode that changed this or anything in it.
    pub(super) changed: u32,
}

/// Python hands an argument over as it is at that moment. The tree shows it as it is at the end: the two must be the
/// same.
pub(super) fn check_settled(argument: &Grown, at: u32) -> Result<()> {
    if argument.changed <= at {
        return Ok(());
    }
    Err(CheckpointError::unsupported("an argument is changed after the call that took it")
        .got(format_args!("a change at byte {}", argument.changed)))
}

/// The next `len` keys with their values.
pub(super) fn pairs(parts: &mut Drain<'_, Grown>, len: usize) -> Vec<(Value, Value)> {
    let mut pairs = Vec::with_capacity(len.min(parts.len() / 2));
    while pairs.len() < len
        && let (Some(key), Some(value)) = (parts.next(), parts.next())
    {
        pairs.push((key.value, value.value));
    }
    pairs
}
