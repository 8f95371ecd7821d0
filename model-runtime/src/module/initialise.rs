//! [`Module::init`](super::Module::init): the walk that gives every leaf the values that its declaration says.

use std::collections::{HashMap, HashSet};

use candle_core::Var;
use candle_nn::Init;

use super::leaf::{Identity, Leaf, LeafKind};
use super::mode::Mode;
use super::spec::Initial;
use super::walk::{At, Mover, Relocate};
use super::{Module, Once, named};
use crate::device::{Placement, Tag};
use crate::error::{Error, Result};
use crate::init;

/// Builds `module` on the devices of `_placement` with initial values.
pub(super) fn init<M: Module, P: Placement>(module: &M, _placement: P, seed: u64) -> Result<M::On<P>> {
    crate::state_dict::check_convertible(module)?;
    let frozen = named::frozen(module);
    let mut initialise = Initialise { seed, once: Once::default(), seeds: HashMap::new(), frozen };
    Relocate::rebuild::<M, P>(module, &mut initialise)
}

struct Initialise {
    seed: u64,
    once: Once,
    /// A leaf that is tied across devices has the same values on each: those of its first key.
    seeds: HashMap<Identity, u64>,
    /// The leaves that stay plain tensors.
    frozen: HashSet<Identity>,
}

impl Mover for Initialise {
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        check_declaration(at.key, leaf)?;
        let key = at.tied.unwrap_or(at.key);
        let seed = *self.seeds.entry(leaf.identity()).or_insert_with(|| init::seed_of(self.seed, key));
        let is_trained =
            leaf.kind() == LeafKind::Parameter && leaf.dtype().is_float() && !self.frozen.contains(&leaf.identity());
        self.once.leaf(leaf, to, |device| {
            let values = initial_values(at.key, leaf, seed).and_then(|values| on(device, &values, is_trained));
            Ok(leaf.with_tensor(values.map_err(|error| error.at(at.key))?))
        })
    }

    fn mode(&mut self, _mode: &Mode) -> Mode {
        Mode::new(true)
    }
}

/// The values on `device`, a variable if they are trained.
fn on(device: &candle_core::Device, values: &candle_core::Tensor, is_trained: bool) -> Result<candle_core::Tensor> {
    let values = values.to_device(device)?;
    Ok(if is_trained { Var::from_tensor(&values)?.into_inner() } else { values })
}

/// Whether a leaf that a file does not hold has a value all the same: its own, or one that the declaration says and that
/// is the same each time.
pub(crate) fn has_value(leaf: &Leaf) -> bool {
    let is_fixed = matches!(leaf.spec().initial, Initial::Drawn(Init::Const(_)) | Initial::Computed(_));
    leaf.tensor().is_some() || is_fixed
}

/// Whether a leaf has a value of its own, or the declaration says how to draw one.
pub(crate) fn has_initial(leaf: &Leaf) -> bool {
    leaf.tensor().is_some() || !matches!(leaf.spec().initial, Initial::None)
}

/// The values that the declaration says, on the CPU.
pub(crate) fn initial_values(key: &str, leaf: &Leaf, seed: u64) -> Result<candle_core::Tensor> {
    let (shape, dtype) = (leaf.shape(), leaf.dtype());
    match &leaf.spec().initial {
        Initial::Drawn(init) => init::sample(init, shape, dtype, seed),
        Initial::ZeroRow(init, row) => {
            let values = init::sample(init, shape, dtype, seed)?;
            let zeros = values.narrow(0, *row, 1)?.zeros_like()?;
            Ok(values.slice_scatter(&zeros, 0, *row)?)
        }
        Initial::Computed(values) => computed(key, leaf, values()?.into_candle()),
        Initial::None => {
            let reason = "made from a tensor, so there is no initial value to give it".to_owned();
            Err(Error::Declaration { key: key.to_owned(), reason })
        }
    }
}

/// Computed values, in the declared dtype.
fn computed(key: &str, leaf: &Leaf, values: candle_core::Tensor) -> Result<candle_core::Tensor> {
    if values.shape() == leaf.shape() {
        // A copy: the function may return the same tensor each time, and a buffer is overwritten in place.
        return Ok(values.detach().to_dtype(leaf.dtype())?.force_contiguous()?);
    }
    let (expected, got) = (leaf.shape().dims(), values.dims());
    let reason = format!("shape of the computed values, expected: {expected:?}, got: {got:?}");
    Err(Error::Declaration { key: key.to_owned(), reason })
}

/// The one check that a declaration can be satisfied.
fn check_declaration(key: &str, leaf: &Leaf) -> Result<()> {
    match &leaf.spec().invalid {
        None => Ok(()),
        Some(reason) => Err(Error::Declaration { key: key.to_owned(), reason: reason.clone() }),
    }
}
