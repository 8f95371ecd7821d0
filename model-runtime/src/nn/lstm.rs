//! [`LSTM`]: `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')`, where `i, f, g, o = W_ih·x + b_ih + W_hh·h + b_hh`.

use super::recurrent::Config;
use super::recurrent::cell::Cell;
use super::recurrent::declare::recurrent;
use super::recurrent::weights::RecurrentWeights;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::module::{Forward, Mode};
use crate::tensor::Tensor;

recurrent! {
    /// A long short-term memory over a sequence.
    ///
    /// Corresponds to [`torch.nn.LSTM`](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html) without packed
    /// sequences. The input is `(L, N, input_size)`, with `batch_first(true)` `(N, L, input_size)`, or one sequence
    /// `(L, input_size)`. It returns `(output, (h_n, c_n))`: the hidden states of the last layer at each step, and the states
    /// of all layers after the last step, `(num_layers · directions, N, size)`. The states to start from are zeros, or given:
    /// `lstm.forward((&x, (&h_0, &c_0)))`. The initial values are uniform in ±1/√`hidden_size`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let lstm = LSTM::new(3, 4).num_layers(2).batch_first(true);
    /// let keys: Vec<_> = lstm.named_parameters().into_iter().map(|(key, _)| key).collect();
    /// assert_eq!(keys[..4], ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]);
    ///
    /// let lstm = lstm.init(Cpu)?;
    /// let x = Tensor::zeros((2, 5, 3), DType::F32, Cpu)?;
    /// let (output, (h, c)) = lstm.forward(&x)?;
    /// assert_eq!((output.dims(), h.dims(), c.dims()), (&[2, 5, 4][..], &[2, 2, 4][..], &[2, 2, 4][..]));
    /// let (_next, _states) = lstm.forward((&x, (&h, &c)))?;
    ///
    /// // Weights of 0 and biases of 1: c = σ(1)·tanh(1), h = σ(1)·tanh(c).
    /// let mut one = LSTM::new(1, 1).init(Cpu)?;
    /// let weights = &mut one.weights.directions[0];
    /// let filled = |value: f32, shape| Tensor::full(value, shape, Cpu).map(Param::from_tensor);
    /// weights.weight_ih = filled(0.0, (4, 1))?;
    /// weights.weight_hh = filled(0.0, (4, 1))?;
    /// weights.bias_ih = Some(Param::from_tensor(Tensor::full(1f32, 4, Cpu)?));
    /// weights.bias_hh = Some(Param::from_tensor(Tensor::full(0f32, 4, Cpu)?));
    /// let (output, _) = one.forward(&Tensor::zeros((1, 1), DType::F32, Cpu)?)?;
    /// assert!((output.to_vec2::<f32>()?[0][0] - 0.3696).abs() < 1e-4);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    LSTM {
        /// The features of the output, if the hidden state is projected to fewer; else 0.
        proj_size: usize,
    }
}

impl<D: Device> LSTM<D> {
    fn cell(proj_size: usize) -> Cell {
        Cell::Lstm { proj_size }
    }
}

impl LSTM<Meta> {
    /// Projects the hidden state to so many features: `h' = W_hr·h`. PyTorch's default is 0: it does not.
    #[must_use]
    pub fn proj_size(self, proj_size: usize) -> Self {
        Self { proj_size, ..self }.declare()
    }
}

/// From states of zeros.
///
/// # Errors
///
/// A declaration that PyTorch refuses; an input of another shape than `(L, N, input_size)` and `(L, input_size)`
/// (with `batch_first` `(N, L, input_size)`), of length 0, or of another dtype than the weights.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for LSTM<D> {
    type Output = (Tensor<D>, (Tensor<D>, Tensor<D>));

    fn forward(&self, x: &Tensor<D>) -> Result<Self::Output> {
        self.run(x, &[])
    }
}

/// From the states `h_0` and `c_0`.
///
/// # Errors
///
/// As without states; and `h_0` is not `(num_layers · directions, N, proj_size or hidden_size)`, or `c_0` not
/// `(num_layers · directions, N, hidden_size)`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<(&Tensor<D>, (&Tensor<D>, &Tensor<D>))> for LSTM<D> {
    type Output = (Tensor<D>, (Tensor<D>, Tensor<D>));

    fn forward(&self, (x, (h_0, c_0)): (&Tensor<D>, (&Tensor<D>, &Tensor<D>))) -> Result<Self::Output> {
        self.run(x, &[h_0, c_0])
    }
}

/// The output, and the states `h_n` and `c_n`.
type Run<D> = (Tensor<D>, (Tensor<D>, Tensor<D>));

impl<D: Compute> LSTM<D> {
    fn run(&self, x: &Tensor<D>, states: &[&Tensor<D>]) -> Result<Run<D>> {
        let (output, mut states) = self.config().forward(&self.weights, x, states, self.mode.is_training())?;
        let c = states.swap_remove(1);
        Ok((output, (states.swap_remove(0), c)))
    }
}
