//! [`Module::to`](super::Module::to): the walk that copies every leaf to another device.

use candle_core::Var;

use super::leaf::Leaf;
use super::walk::{At, Mover, Relocate};
use super::{Module, Once};
use crate::device::{Placement, Tag};
use crate::error::Result;

/// Rebuilds `module` on the devices of `_placement`.
pub(super) fn to<M: Module, P: Placement>(module: &M, _placement: P) -> Result<M::On<P>> {
    module.relocate::<P>(&mut Relocate::new(&mut Moving::default()))
}

#[derive(Default)]
struct Moving(Once);

impl Mover for Moving {
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        self.0.leaf(leaf, to, |device| {
            let moved = moved(leaf.data(at.key)?, device).map_err(|error| error.at(at.key))?;
            Ok(leaf.with_tensor(moved))
        })
    }
}

/// The tensor on `device`: itself if it is there already, and a variable if it is one.
fn moved(tensor: &candle_core::Tensor, device: &candle_core::Device) -> Result<candle_core::Tensor> {
    if tensor.device().same_device(device) {
        return Ok(tensor.clone());
    }
    // candle moves the whole storage under a view. (A view of its first elements cannot be told from a whole one.)
    let is_view = !tensor.is_contiguous() || tensor.layout().start_offset() != 0;
    let source = if is_view { tensor.detach().force_contiguous()? } else { tensor.detach() };
    let moved = source.to_device(device)?.detach();
    // candle's `to_device` makes a plain tensor of a variable, which would no longer be trained.
    Ok(if tensor.is_variable() { Var::from_tensor(&moved)?.into_inner() } else { moved })
}
