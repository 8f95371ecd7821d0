//! [`Module::to`](super::Module::to): the walk that copies every leaf to another device.

use super::leaf::Leaf;
use super::walk::{At, Mover, Relocate};
use super::{Module, Once};
use crate::device::{Placement, Tag};
use crate::error::Result;

/// Rebuilds `module` on the devices of `_placement`.
pub(super) fn to<M: Module, P: Placement>(module: &M, _placement: P) -> Result<M::On<P>> {
    Relocate::rebuild::<M, P>(module, &mut Moving::default())
}

/// Moves leaves, each once per device, so that ties survive.
#[derive(Default)]
struct Moving(Once);

impl Mover for Moving {
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        self.0.leaf(leaf, to, |device| {
            let tensor = leaf.data(at.key)?;
            if tensor.device().same_device(device) {
                return Ok(leaf.with_tensor(tensor.clone()));
            }
            moved(tensor, device).and_then(|moved| leaf.replaced(moved)).map_err(|error| error.at(at.key))
        })
    }
}

/// A plain tensor with the same values on another device.
fn moved(tensor: &candle_core::Tensor, device: &candle_core::Device) -> Result<candle_core::Tensor> {
    // candle moves the whole storage under a view. (A view of its first elements cannot be told from a whole one.)
    let is_view = !tensor.is_contiguous() || tensor.layout().start_offset() != 0;
    let source = if is_view { tensor.detach().force_contiguous()? } else { tensor.detach() };
    Ok(source.to_device(device)?.detach())
}
