//! Opcodes that change a container which is on the stack.

use super::{Machine, pairs};
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::pickle::decode::Change;
use crate::checkpoint::pickle::graph::{Id, Node};
use crate::checkpoint::pickle::stack::underflow;

impl Machine<'_> {
    /// Adds to the container under the operands.
    pub(super) fn change(&mut self, change: Change) -> Result<()> {
        match change {
            Change::Append => {
                let item = self.stack.pop()?;
                self.extend(&[item], false)
            }
            Change::Extend => {
                let items: Vec<_> = self.stack.pop_mark()?.collect();
                self.extend(&items, false)
            }
            Change::AddItems => {
                let items: Vec<_> = self.stack.pop_mark()?.collect();
                self.extend(&items, true)
            }
            Change::SetItem => {
                let item = pairs(self.stack.pop_many(2)?.as_slice())?;
                self.set_items(item)
            }
            Change::SetItems => {
                let items = pairs(self.stack.pop_mark()?.as_slice())?;
                self.set_items(items)
            }
            Change::Build => self.build(),
        }
    }

    /// The container on top of the stack, noted as changed here.
    fn changed(&mut self, operation: &str) -> Result<&mut Node> {
        let id = self.stack.top()?;
        let at = self.at;
        let entry = self.entries.get_mut(id.index()).ok_or_else(underflow)?;
        entry.changed = at;
        match &mut entry.node {
            node @ (Node::List(_) | Node::Set(_) | Node::Dict(_) | Node::Object(_)) => Ok(node),
            other => Err(wrong_target(operation, other.type_name())),
        }
    }

    fn extend(&mut self, ids: &[Id], to_set: bool) -> Result<()> {
        match self.changed("appended to")? {
            Node::List(items) if !to_set => items.extend(ids),
            Node::Set(items) if to_set => items.extend(ids),
            Node::Object(object) => object.more().items.extend(ids),
            other => return Err(wrong_target("appended to", other.type_name())),
        }
        Ok(())
    }

    fn set_items(&mut self, new: Vec<(Id, Id)>) -> Result<()> {
        match self.changed("given entries")? {
            Node::Dict(entries) => entries.extend(new),
            Node::Object(object) => object.more().entries.extend(new),
            other => return Err(wrong_target("given entries", other.type_name())),
        }
        Ok(())
    }

    fn build(&mut self) -> Result<()> {
        let state = self.stack.pop()?;
        let at = self.at;
        match self.changed("given a state")? {
            Node::Object(object) => object.more().states.push((state, at)),
            other => return Err(wrong_target("given a state", other.type_name())),
        }
        Ok(())
    }
}

pub(in crate::checkpoint::pickle) fn wrong_target(operation: &str, target: &str) -> CheckpointError {
    CheckpointError::damaged(format_args!("{target} cannot be {operation}"))
}
