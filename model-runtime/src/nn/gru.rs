//! [`GRU`]: `h' = (1 - z)·n + z·h`, with the reset gate `r` in `n = tanh(W_in·x + b_in + r·(W_hn·h + b_hn))`.

use super::recurrent::Config;
use super::recurrent::cell::Cell;
use super::recurrent::declare::{one_state, recurrent};
use super::recurrent::weights::RecurrentWeights;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::module::{Forward, Mode};
use crate::tensor::Tensor;

recurrent! {
    /// Gated recurrent units over a sequence.
    ///
    /// Corresponds to [`torch.nn.GRU`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html) without packed
    /// sequences. The input is `(L, N, input_size)`, with `batch_first(true)` `(N, L, input_size)`, or one sequence
    /// `(L, input_size)`. It returns `(output, h_n)`: the hidden states of the last layer at each step, and those of all
    /// layers after the last step, `(num_layers · directions, N, hidden_size)`. The state to start from is zeros, or given:
    /// `gru.forward((&x, &h_0))`. The initial values are uniform in ±1/√`hidden_size`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let mut gru = GRU::new(1, 1).bias(false).init(Cpu)?;
    /// // With weights of 0: r = z = 1/2 and n = 0, so that the state is halved.
    /// gru.weights.directions[0].weight_ih = Param::from_tensor(Tensor::zeros((3, 1), DType::F32, Cpu)?);
    /// gru.weights.directions[0].weight_hh = Param::from_tensor(Tensor::zeros((3, 1), DType::F32, Cpu)?);
    /// let (x, h) = (Tensor::zeros((2, 1), DType::F32, Cpu)?, Tensor::full(8f32, (1, 1), Cpu)?);
    /// let (output, h) = gru.forward((&x, &h))?;
    /// assert_eq!(output.to_vec2::<f32>()?, [[4.0], [2.0]]);
    /// assert_eq!(h.to_vec2::<f32>()?, [[2.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    GRU {}
}

impl<D: Device> GRU<D> {
    fn cell() -> Cell {
        Cell::Gru
    }
}

one_state!(GRU);
