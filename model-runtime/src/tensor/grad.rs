//! The graph behind a tensor: gradients, and the way out of it.

use candle_core::TensorId;
use candle_core::backprop::GradStore;

use super::Tensor;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;

impl<D: Compute> Tensor<D> {
    /// Calls a module with this tensor: `x.apply(&self.fc1)?.relu()?.apply(&self.fc2)?`.
    ///
    /// Corresponds to PyTorch's `module(x)`.
    ///
    /// # Errors
    ///
    /// What the module returns.
    #[inline]
    pub fn apply<'a, M: Forward<&'a Self>>(&'a self, module: &M) -> Result<M::Output> {
        module.forward(self)
    }

    /// Returns the same values outside the graph: no gradient flows through. The storage is shared.
    ///
    /// Corresponds to [`torch.Tensor.detach`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.detach.html).
    #[inline]
    pub fn detach(&self) -> Self {
        Self::wrap(self.inner.detach())
    }

    /// Computes the gradients of this tensor with respect to all variables that it was computed from.
    ///
    /// Unlike [`torch.Tensor.backward`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html),
    /// which adds to each parameter's `.grad`, candle returns them in a store; look them up by
    /// [`as_candle`](Tensor::as_candle).
    ///
    /// # Errors
    ///
    /// An operation without a gradient.
    #[inline]
    pub fn backward(&self) -> Result<GradStore> {
        Ok(self.inner.backward()?)
    }

    /// Is this a variable: a tensor that gradients are computed for?
    ///
    /// Corresponds to [`torch.Tensor.is_leaf`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.is_leaf.html)
    /// together with `requires_grad`.
    #[inline]
    pub fn is_variable(&self) -> bool {
        self.inner.is_variable()
    }

    /// Is this a variable, or computed from one?
    ///
    /// Corresponds to [`torch.Tensor.requires_grad`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.requires_grad.html).
    #[inline]
    pub fn track_op(&self) -> bool {
        self.inner.track_op()
    }

    /// The tensors that this one was computed from, itself first, in topological order. They can be on other devices.
    #[inline]
    pub fn sorted_nodes(&self) -> Vec<&candle_core::Tensor> {
        self.inner.sorted_nodes()
    }

    /// The identity of this tensor in the graph and in a [`GradStore`].
    #[inline]
    pub fn id(&self) -> TensorId {
        self.inner.id()
    }
}
