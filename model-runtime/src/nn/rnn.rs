//! [`RNN`]: `h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh)`, or with the rectifier in place of the tangent.

use super::recurrent::Config;
use super::recurrent::cell::{Cell, Nonlinearity};
use super::recurrent::declare::{one_state, recurrent};
use super::recurrent::weights::RecurrentWeights;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::module::{Forward, Mode};
use crate::tensor::Tensor;

recurrent! {
    /// Elman's recurrent network over a sequence.
    ///
    /// Corresponds to [`torch.nn.RNN`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html) without packed
    /// sequences. The input is `(L, N, input_size)`, with `batch_first(true)` `(N, L, input_size)`, or one sequence
    /// `(L, input_size)`. It returns `(output, h_n)`: the hidden states of the last layer at each step, and those of all
    /// layers after the last step, `(num_layers · directions, N, hidden_size)`. The state to start from is zeros, or given:
    /// `rnn.forward((&x, &h_0))`. The initial values are uniform in ±1/√`hidden_size`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let mut rnn = RNN::new(1, 1).nonlinearity(Nonlinearity::ReLU).bias(false).init(Cpu)?;
    /// rnn.weights.directions[0].weight_ih = Param::from_tensor(Tensor::ones((1, 1), DType::F32, Cpu)?);
    /// rnn.weights.directions[0].weight_hh = Param::from_tensor(Tensor::full(2f32, (1, 1), Cpu)?);
    /// let (output, h) = rnn.forward(&Tensor::ones((3, 1), DType::F32, Cpu)?)?; // h' = 1 + 2·h
    /// assert_eq!(output.to_vec2::<f32>()?, [[1.0], [3.0], [7.0]]);
    /// assert_eq!(h.to_vec2::<f32>()?, [[7.0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    RNN {
        /// What is between two steps.
        nonlinearity: Nonlinearity,
    }
}

impl<D: Device> RNN<D> {
    fn cell(nonlinearity: Nonlinearity) -> Cell {
        Cell::Rnn(nonlinearity)
    }
}

impl RNN<Meta> {
    /// What is between two steps. PyTorch's default is [`Nonlinearity::Tanh`].
    #[must_use]
    pub fn nonlinearity(self, nonlinearity: Nonlinearity) -> Self {
        Self { nonlinearity, ..self }
    }
}

one_state!(RNN);
