//! [`Buffer<D>`]: a tensor that is state and is not trained.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use candle_core::{DType, Shape};
use candle_nn::Init;

use super::keys::Keys;
use super::leaf::{Leaf, LeafKind};
use super::param::leaf_type;
use super::walk::{Relocate, Walk, WalkMut};
use super::{HasData, Module, Spec};
use crate::device::{Compute, Cpu, Device, Meta, Placement};
use crate::error::{Result, Unsupported};
use crate::tensor::{OnDevice, Tensor, cast_ref};

leaf_type! {
    /// A tensor that is part of the state and not trained: a running mean, a mask, a table of positions.
    ///
    /// Corresponds to [`register_buffer`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.register_buffer).
    /// It is in the state dict unless its field says `#[module(persistent = false)]`, and it always moves with the model.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// #[derive(Module, Debug)]
    /// struct Shift<D: Device> {
    ///     mean: Buffer<D>,
    /// }
    ///
    /// let shift = Shift { mean: Buffer::new(2, init::ZERO) }.init(Cpu)?;
    /// assert_eq!(shift.mean.to_vec1::<f32>()?, [0.0, 0.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    Buffer, LeafKind::Buffer
}

impl Buffer<Meta> {
    /// Declares a buffer: its shape, and the values that [`init`](Module::init) gives it. The dtype is `float32`.
    pub fn new(shape: impl Into<Shape>, init: Init) -> Self {
        Self::declare(Spec::new(shape, init))
    }

    /// Declares a buffer whose values are computed when the model is initialised, or loaded from a file that does not
    /// hold it: a causal mask, a table of positions. The dtype is `float32` unless [`dtype`](Self::dtype) says otherwise.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// #[derive(Module, Debug)]
    /// struct Rotary<D: Device> {
    ///     #[module(persistent = false)]
    ///     inv_freq: Buffer<D>,
    /// }
    ///
    /// let inv_freq = Buffer::computed(2, || Tensor::from_vec(vec![1f32, 0.01], 2, Cpu));
    /// let rotary = Rotary { inv_freq }.load_state_dict(&StateDict::default(), Cpu)?;
    /// assert_eq!(rotary.inv_freq.to_vec1::<f32>()?, [1.0, 0.01]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn computed(shape: impl Into<Shape>, values: impl Fn() -> Result<Tensor<Cpu>> + Send + Sync + 'static) -> Self {
        Self::declare(Spec::computed(shape, values))
    }
}

impl<D: Compute> Buffer<D> {
    /// A buffer that holds `tensor`.
    pub fn from_tensor(tensor: Tensor<D>) -> Self {
        Self::from_leaf(Leaf::loaded(LeafKind::Buffer, tensor.into_candle()))
    }

    /// Overwrites the values in place: buffers that are tied to this one, and clones of the model, see them too.
    ///
    /// For state that a layer updates while it runs, such as the running statistics of a batch norm.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let steps = Buffer::from_tensor(Tensor::zeros((), DType::I64, Cpu)?);
    /// let tied = steps.clone();
    /// steps.set(&Tensor::ones((), DType::I64, Cpu)?)?;
    /// assert_eq!(tied.to_scalar::<i64>()?, 1);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `values` has another shape or dtype than the buffer.
    pub fn set(&self, values: &impl OnDevice<D>) -> Result<()> {
        overwrite(self.as_candle(), values.operand())
    }
}

fn overwrite(buffer: &candle_core::Tensor, values: &candle_core::Tensor) -> Result<()> {
    if buffer.shape() != values.shape() {
        let (expected, got) = (buffer.dims(), values.dims());
        let error = Unsupported::new("values of a buffer").expected(format_args!("shape {expected:?}"));
        return Err(error.got(format_args!("{got:?}")).into());
    }
    if buffer.dtype() != values.dtype() {
        let (expected, got) = (buffer.dtype().as_str(), values.dtype().as_str());
        let error = Unsupported::new("values of a buffer").expected(format_args!("dtype {expected}"));
        return Err(error.got(got).into());
    }
    if !buffer.is_contiguous() {
        // `flatten_all` would copy it, and the copy would be overwritten.
        let error = Unsupported::new("a buffer that is a strided view cannot be overwritten");
        return Err(error.fix("make it from `tensor.contiguous()?`").into());
    }
    if buffer.elem_count() == 0 {
        return Ok(());
    }
    // A copy: candle refuses to write a tensor into its own storage.
    let values = values.detach().flatten_all()?.force_contiguous()?;
    Ok(buffer.flatten_all()?.slice_set(&values, 0, 0)?)
}
