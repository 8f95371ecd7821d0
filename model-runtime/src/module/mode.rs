//! [`Mode`]: whether a layer is in training, for layers that behave otherwise then.

use std::sync::atomic::{AtomicBool, Ordering};

use super::keys::Keys;
use super::walk::{Relocate, Walk, WalkMut};
use super::{HasData, Module};
use crate::device::Placement;
use crate::error::Result;

/// Whether a layer is in training mode; a field of layers such as `Dropout`.
///
/// Corresponds to `training` of [`torch.nn.Module`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html).
/// [`train`](Module::train) and [`eval`](Module::eval) set all of a model's. A declared layer is in training mode; a
/// model from `load_state_dict` is in evaluation mode, which differs from PyTorch, where everything stays in training
/// mode until `eval()` is called.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Noise<D: Device> {
///     scale: Param<D>,
///     mode: Mode,
/// }
///
/// let noise = Noise { scale: Param::new(1, init::ONE), mode: Mode::default() }.init(Cpu)?;
/// assert!(noise.mode.is_training());
/// noise.eval();
/// assert!(!noise.mode.is_training());
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Debug)]
pub struct Mode(AtomicBool);

impl Mode {
    /// Whether the layer is in training mode.
    #[inline]
    pub fn is_training(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn new(training: bool) -> Self {
        Self(AtomicBool::new(training))
    }

    pub(crate) fn set(&self, training: bool) {
        self.0.store(training, Ordering::Relaxed);
    }
}

/// Training mode, as PyTorch's modules start.
impl Default for Mode {
    fn default() -> Self {
        Self::new(true)
    }
}

/// The clone has a mode of its own.
impl Clone for Mode {
    fn clone(&self) -> Self {
        Self::new(self.is_training())
    }
}

#[diagnostic::do_not_recommend]
impl Module for Mode {
    type On<P: Placement> = Self;
    type After<P: Placement> = P;
    const KEYS: Keys = Keys::None;

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        walk.mode(self);
    }

    fn walk_mut(&mut self, _walk: &mut WalkMut<'_>) -> Result<()> {
        Ok(())
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self {
        walk.mode(self)
    }
}

#[diagnostic::do_not_recommend]
impl HasData for Mode {}
