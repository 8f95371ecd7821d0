//! [`Cell`]: one step of a recurrent layer.

use candle_core::Tensor as Candle;
use candle_nn::ops::sigmoid;

use crate::Module;

/// The formula of a step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell {
    Lstm { proj_size: usize },
    Gru,
    Rnn(Nonlinearity),
}

/// The nonlinearity of an `RNN`.
#[derive(Module, Clone, Copy, Debug, Default, PartialEq, Eq)]
// PyTorch has these two: not `non_exhaustive`.
pub enum Nonlinearity {
    /// The hyperbolic tangent: PyTorch's default, `"tanh"`.
    #[default]
    Tanh,
    /// The rectifier: `"relu"`.
    ReLU,
}

/// The parameters of one layer in one direction.
pub(super) struct Weights<'a> {
    pub(super) ih: &'a Candle,
    pub(super) hh: &'a Candle,
    pub(super) bias_ih: Option<&'a Candle>,
    pub(super) bias_hh: Option<&'a Candle>,
    pub(super) hr: Option<&'a Candle>,
}

impl Cell {
    /// The blocks of `hidden_size` rows in the weights.
    pub(super) fn gates(self) -> usize {
        match self {
            Self::Lstm { .. } => 4,
            Self::Gru => 3,
            Self::Rnn(_) => 1,
        }
    }

    /// The states after a step, the output first. `x` is `W_ih · x + b_ih` of the step, `(N, gates · hidden_size)`.
    pub(super) fn step(self, x: &Candle, states: &[Candle], weights: &Weights<'_>) -> candle_core::Result<Vec<Candle>> {
        let h = &states[0];
        let hidden = linear(h, weights.hh, weights.bias_hh)?;
        match self {
            Self::Lstm { .. } => {
                let gates = (x + hidden)?.chunk(4, 1)?;
                let (input, forget) = (sigmoid(&gates[0].contiguous()?)?, sigmoid(&gates[1].contiguous()?)?);
                let (cell, output) = (gates[2].tanh()?, sigmoid(&gates[3].contiguous()?)?);
                let c = ((forget * &states[1])? + (input * cell)?)?;
                let h = (output * c.tanh()?)?;
                let h = weights.hr.map_or(Ok(h.clone()), |hr| h.matmul(&hr.t()?))?;
                Ok(vec![h, c])
            }
            Self::Gru => {
                let (x, hidden) = (x.chunk(3, 1)?, hidden.chunk(3, 1)?);
                let reset = sigmoid(&(&x[0] + &hidden[0])?)?;
                let update = sigmoid(&(&x[1] + &hidden[1])?)?;
                let new = (&x[2] + (reset * &hidden[2])?)?.tanh()?;
                Ok(vec![(&new + (update * (h - &new)?)?)?])
            }
            Self::Rnn(nonlinearity) => {
                let sum = (x + hidden)?;
                Ok(vec![match nonlinearity {
                    Nonlinearity::Tanh => sum.tanh()?,
                    Nonlinearity::ReLU => sum.relu()?,
                }])
            }
        }
    }
}

/// `x · Wᵀ + b` of the rows of a matrix.
pub(super) fn linear(x: &Candle, weight: &Candle, bias: Option<&Candle>) -> candle_core::Result<Candle> {
    let y = x.matmul(&weight.t()?)?;
    bias.map_or(Ok(y.clone()), |bias| y.broadcast_add(bias))
}
