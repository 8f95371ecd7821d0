//! [`Once`]: makes the leaves of a model's copy each once per device, so that ties survive.

use super::leaf::{Identity, Leaf};
use crate::device::{AnyDevice, Tag};
use crate::error::Result;
use crate::hash::FastMap;

/// The leaves that were made already.
#[derive(Default)]
pub(crate) struct Once {
    made: FastMap<(Identity, Option<AnyDevice>), Leaf>,
}

impl Once {
    /// The copy of `leaf` on `to`: the one that was made before, or what `make` makes on that device. On `Meta` it is the
    /// leaf without its data.
    ///
    /// # Errors
    ///
    /// The device is not available, or `make` fails.
    pub(crate) fn leaf(
        &mut self,
        leaf: &Leaf,
        to: Tag,
        make: impl FnOnce(&candle_core::Device) -> Result<Leaf>,
    ) -> Result<Leaf> {
        let id = (leaf.identity(), to.device()?);
        if let Some(made) = self.made.get(&id) {
            return Ok(made.clone());
        }
        let made = match to.handle()? {
            Some(handle) => make(&handle)?,
            None => leaf.without_data(),
        };
        self.made.insert(id, made.clone());
        Ok(made)
    }
}
