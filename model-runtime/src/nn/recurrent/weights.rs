//! [`RecurrentWeights`]: the parameters of a recurrent layer under PyTorch's names, `weight_ih_l0`, `weight_hh_l0`, ...

use super::cell::Weights;
use super::{Config, Sizes};
use crate::device::{Compute, Device, Meta, Placement};
use crate::error::Result;
use crate::init;
use crate::module::keys::Keys;
use crate::module::walk::{Relocate, Walk, WalkMut};
use crate::module::{HasData, Module, Param, Spec};

/// The parameters of an `LSTM`, a `GRU` or an `RNN`: one [`RecurrentDirection`] for each layer, or two if it is bidirectional.
///
/// The names are PyTorch's, without a prefix: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, and for the
/// second direction `weight_ih_l0_reverse`, ...
#[derive(Clone, Debug)]
pub struct RecurrentWeights<D: Device> {
    /// In PyTorch's order: the first layer forward, the first layer in reverse, the second layer forward, ...
    pub directions: Vec<RecurrentDirection<D>>,
    bidirectional: bool,
}

/// The parameters of one layer in one direction; the gates are one below the other in the order of PyTorch.
#[derive(Clone, Debug)]
pub struct RecurrentDirection<D: Device> {
    /// `weight_ih_l{k}`: `(gates · hidden_size, size of the layer's input)`.
    pub weight_ih: Param<D>,
    /// `weight_hh_l{k}`: `(gates · hidden_size, size of the state)`.
    pub weight_hh: Param<D>,
    /// `bias_ih_l{k}`: `(gates · hidden_size)`; none with `bias(false)`.
    pub bias_ih: Option<Param<D>>,
    /// `bias_hh_l{k}`: `(gates · hidden_size)`; none with `bias(false)`.
    pub bias_hh: Option<Param<D>>,
    /// `weight_hr_l{k}`: `(proj_size, hidden_size)`; none without `proj_size`.
    pub weight_hr: Option<Param<D>>,
}

impl RecurrentWeights<Meta> {
    pub(super) fn declare(config: &Config, refused: Option<String>) -> Self {
        let layers = (0..config.num_layers).flat_map(|layer| vec![layer; config.directions()]);
        let mut directions: Vec<_> =
            layers.map(|layer| RecurrentDirection::declare(config, &config.sizes(layer))).collect();
        if let (Some(first), Some(reason)) = (directions.first_mut(), refused) {
            let shape = first.weight_ih.shape().clone();
            first.weight_ih = Param::declare(Spec::new(shape, init::ZERO).invalid(reason));
        }
        Self { directions, bidirectional: config.bidirectional }
    }
}

impl RecurrentDirection<Meta> {
    fn declare(config: &Config, sizes: &Sizes) -> Self {
        // Uniform in ±1/√`hidden_size`, all of them: `RNNBase.reset_parameters`.
        let init = init::fan_in_uniform(sizes.hidden);
        let bias = || config.bias.then(|| Param::new(sizes.gates, init));
        Self {
            weight_ih: Param::new((sizes.gates, sizes.input), init),
            weight_hh: Param::new((sizes.gates, sizes.state), init),
            bias_ih: bias(),
            bias_hh: bias(),
            weight_hr: (sizes.state != sizes.hidden).then(|| Param::new((sizes.state, sizes.hidden), init)),
        }
    }
}

impl<D: Compute> RecurrentDirection<D> {
    pub(super) fn candles(&self) -> Weights<'_> {
        Weights {
            ih: self.weight_ih.as_candle(),
            hh: self.weight_hh.as_candle(),
            bias_ih: self.bias_ih.as_ref().map(Param::as_candle),
            bias_hh: self.bias_hh.as_ref().map(Param::as_candle),
            hr: self.weight_hr.as_ref().map(Param::as_candle),
        }
    }
}

impl<D: Device> RecurrentWeights<D> {
    /// The suffix of the names of `directions[index]`: `_l0`, `_l0_reverse`, `_l1`, ...
    fn suffix(&self, index: usize) -> String {
        match (self.bidirectional, index % 2) {
            (false, _) => format!("_l{index}"),
            (true, 0) => format!("_l{}", index / 2),
            (true, _) => format!("_l{}_reverse", index / 2),
        }
    }
}

/// One field of each direction: its name with the suffix.
macro_rules! visit {
    ($walk:ident, $suffix:ident, $($name:ident => $visit:expr),* $(,)?) => {
        ($($walk.field(&format!("{}{}", stringify!($name), $suffix), $visit)),*)
    };
}

impl<D: Device> Module for RecurrentWeights<D> {
    type On<P: Placement> = RecurrentWeights<P::First>;
    type After<P: Placement> = P::Rest;

    const KEYS: Keys = Keys::Recurrent(&[&["weight_ih", "weight_hh"], &["bias_ih", "bias_hh"], &["weight_hr"]]);

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        for (index, direction) in self.directions.iter().enumerate() {
            let suffix = self.suffix(index);
            visit!(walk, suffix,
                weight_ih => |walk| direction.weight_ih.walk(walk),
                weight_hh => |walk| direction.weight_hh.walk(walk),
                bias_ih => |walk| direction.bias_ih.walk(walk),
                bias_hh => |walk| direction.bias_hh.walk(walk),
                weight_hr => |walk| direction.weight_hr.walk(walk),
            );
        }
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        for index in 0..self.directions.len() {
            let suffix = self.suffix(index);
            let direction = &mut self.directions[index];
            let visited: [Result<()>; 5] = visit!(walk, suffix,
                weight_ih => |walk| direction.weight_ih.walk_mut(walk),
                weight_hh => |walk| direction.weight_hh.walk_mut(walk),
                bias_ih => |walk| direction.bias_ih.walk_mut(walk),
                bias_hh => |walk| direction.bias_hh.walk_mut(walk),
                weight_hr => |walk| direction.weight_hr.walk_mut(walk),
            )
            .into();
            visited.into_iter().collect::<Result<()>>()?;
        }
        Ok(())
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
        let mut directions = Vec::with_capacity(self.directions.len());
        for (index, direction) in self.directions.iter().enumerate() {
            let suffix = self.suffix(index);
            let (weight_ih, weight_hh, bias_ih, bias_hh, weight_hr) = visit!(walk, suffix,
                weight_ih => |walk| direction.weight_ih.relocate::<P>(walk),
                weight_hh => |walk| direction.weight_hh.relocate::<P>(walk),
                bias_ih => |walk| direction.bias_ih.relocate::<P>(walk),
                bias_hh => |walk| direction.bias_hh.relocate::<P>(walk),
                weight_hr => |walk| direction.weight_hr.relocate::<P>(walk),
            );
            directions.push(RecurrentDirection { weight_ih, weight_hh, bias_ih, bias_hh, weight_hr });
        }
        RecurrentWeights { directions, bidirectional: self.bidirectional }
    }
}

impl<D: Compute> HasData for RecurrentWeights<D> {}
