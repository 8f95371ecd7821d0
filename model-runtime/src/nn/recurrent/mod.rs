//! What `LSTM`, `GRU` and `RNN` share: their declaration, their parameters, and the run over a sequence.

use candle_core::{Tensor as Candle, bail};

use crate::device::{Compute, Meta};
use crate::error::Result;
use crate::tensor::Tensor;

pub(super) mod cell;
pub(super) mod declare;
mod run;
pub(super) mod weights;

use cell::Cell;
use run::Sequence;
use weights::RecurrentWeights;

/// The configuration of a recurrent layer.
pub(super) struct Config {
    pub(super) layer: &'static str,
    pub(super) cell: Cell,
    pub(super) input_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_layers: usize,
    pub(super) bias: bool,
    pub(super) batch_first: bool,
    pub(super) dropout: f64,
    pub(super) bidirectional: bool,
}

impl Config {
    /// The sizes of the state: PyTorch's `H_out`.
    fn state_size(&self) -> usize {
        match self.cell {
            Cell::Lstm { proj_size } if proj_size > 0 => proj_size,
            _ => self.hidden_size,
        }
    }

    fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Why PyTorch refuses the configuration, in its words.
    fn refused(&self) -> Option<String> {
        let sizes =
            [("input_size", self.input_size), ("hidden_size", self.hidden_size), ("num_layers", self.num_layers)];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Some(format!("{name} must be greater than zero, got: 0"));
        }
        if !(0.0..=1.0).contains(&self.dropout) {
            return Some(format!("dropout should be a number in range [0, 1], got: {}", self.dropout));
        }
        match self.cell {
            Cell::Lstm { proj_size } if proj_size >= self.hidden_size => {
                let hidden_size = self.hidden_size;
                Some(format!("proj_size has to be smaller than hidden_size, got: {proj_size} and {hidden_size}"))
            }
            _ => None,
        }
    }

    /// The parameters that the configuration has.
    pub(super) fn declare(&self) -> RecurrentWeights<Meta> {
        RecurrentWeights::declare(self, self.refused())
    }

    /// Runs over a sequence, from `initial` states or zeros; returns the output and the last states.
    pub(super) fn forward<D: Compute>(
        &self,
        weights: &RecurrentWeights<D>,
        x: &Tensor<D>,
        initial: &[&Tensor<D>],
        training: bool,
    ) -> Result<(Tensor<D>, Vec<Tensor<D>>)> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("{}: {reason}", self.layer)).into());
        }
        let initial: Vec<_> = initial.iter().map(|state| state.as_candle()).collect();
        let dropout = if training { self.dropout } else { 0.0 };
        let (output, states) = self.sequence(x.as_candle())?.run(self, &weights.candles(), &initial, dropout)?;
        Ok((Tensor::wrap(output), states.into_iter().map(Tensor::wrap).collect()))
    }

    /// The input as `(T, N, input_size)`, and how the output is brought back.
    fn sequence(&self, x: &Candle) -> candle_core::Result<Sequence> {
        let Self { layer, input_size, .. } = self;
        let is_batch = match x.rank() {
            2 => false,
            3 => true,
            _ => bail!("{layer}: shape of the input, expected: two or three dimensions, got: {:?}", x.dims()),
        };
        if x.dim(x.rank() - 1)? != *input_size {
            bail!("{layer}: shape of the input, expected: (*, {input_size}), got: {:?}", x.dims())
        }
        let batch_first = is_batch && self.batch_first;
        let steps = match (is_batch, batch_first) {
            (false, _) => x.unsqueeze(1)?,
            (true, false) => x.clone(),
            (true, true) => x.transpose(0, 1)?,
        };
        if steps.dim(0)? == 0 {
            bail!("{layer}: length of the sequence, expected: greater than 0, got: input {:?}", x.dims())
        }
        Ok(Sequence { steps: steps.contiguous()?, is_batch, batch_first })
    }
}

/// The sizes of the parameters of one layer in one direction.
struct Sizes {
    input: usize,
    gates: usize,
    state: usize,
    hidden: usize,
}

impl Config {
    fn sizes(&self, layer: usize) -> Sizes {
        let state = self.state_size();
        let input = if layer == 0 { self.input_size } else { state * self.directions() };
        Sizes { input, gates: self.cell.gates() * self.hidden_size, state, hidden: self.hidden_size }
    }
}

/// A layer's parameters as candle tensors.
impl<D: Compute> RecurrentWeights<D> {
    fn candles(&self) -> Vec<cell::Weights<'_>> {
        self.directions.iter().map(weights::RecurrentDirection::candles).collect()
    }
}
