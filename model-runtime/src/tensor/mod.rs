//! [`Tensor<D>`]: candle's tensor, with its device in the type.
//!
//! Every method is a thin `#[inline]` wrapper around the candle method of the same name; nothing here selects code by
//! device. What the type adds: operands on two devices do not compile, and a new tensor says where it is made.
//!
//! | what | methods |
//! |---|---|
//! | from a shape | `zeros`, `ones`, `full`, `rand`, `randn`, `eye`, `tril2`, `triu2` |
//! | from values | `new`, `from_vec`, `from_slice`, `from_iter`, `arange`, `arange_step`, `from_raw_buffer` |
//! | beside a tensor | `zeros_like`, `ones_like`, `full_like`, `rand_like`, `randn_like`, `arange_like` |
//! | arithmetic | `+ - * /`, `add`, `broadcast_add`, ..., `maximum`, `minimum`, `clamp`, `pow`, `powf`, `affine` |
//! | comparisons | `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `broadcast_eq`, ..., `cmp`, `where_cond` |
//! | each element | `exp`, `log`, `sin`, `cos`, `tanh`, `abs`, `neg`, `sqr`, `sqrt`, `recip`, `erf`, `round`, ... |
//! | activations | `relu`, `gelu`, `gelu_erf`, `silu`, `sigmoid`, `softmax`, `log_softmax`, `leaky_relu`, `dropout`, ... |
//! | normalisation, rotary positions | `layer_norm`, `rms_norm`, `rope`, `rope_i`, `rope_thd`; `_slow` records the graph |
//! | attention | `sdpa`, and [`attention`] for sequences without padding |
//! | matrices | `matmul`, `broadcast_matmul`, `mv`, `dot` |
//! | convolutions | `conv1d`, `conv2d`, `conv_transpose1d`, `conv_transpose2d` |
//! | pooling, resizing | `avg_pool2d`, `max_pool2d`, `interpolate1d`, `interpolate2d`, `upsample_bilinear2d`, ... |
//! | reductions | `sum`, `mean`, `var`, `max`, `min`, `argmax`, `argmin`, `norm`, `cumsum`, `sort_last_dim`, ... |
//! | what it is | `shape`, `dims`, `dim`, `dims2`, ..., `rank`, `dtype`, `device`, `stride`, `layout`, ... |
//! | other shapes | `reshape`, `flatten`, `transpose`, `t`, `permute`, `squeeze`, `unsqueeze`, `broadcast_as`, ... |
//! | parts | `i`, `narrow`, `chunk`, `get`, `gather`, `index_select`, `embedding`, `scatter`, `slice_assign`, ... |
//! | lists | `cat`, `stack`, `meshgrid`, `repeat`, `roll`, `flip`, `pad_with_zeros`, `pad_with_same` |
//! | conversion | `to`, `to_dtype`, `contiguous`, `copy`, `to_scalar`, `to_vec1`, `to_vec2`, `to_vec3` |
//! | gradients | `backward`, `detach`, `is_variable`, `track_op` |
//! | in place | `slice_set`, `scatter_set`, `zero_set`, `const_set`, ... |
//! | [`kv_cache`] | keys and values of the tokens before |
//! | [`loss`] | `cross_entropy`, `nll`, `mse`, `binary_cross_entropy_with_logit`, `huber` |
//! | candle | `as_candle`, `into_candle`, `try_from_candle`, `map_candle`, `apply_op1`, ... |
//!
//! A test compares this with candle's sources. What is left out on purpose: `to_device`, which is [`to`](Tensor::to) here;
//! `empty` and `empty_like`, which are unsafe; `from_storage`, for which there is
//! [`try_from_candle`](Tensor::try_from_candle); and `apply_t`, since a module knows its own mode.
//!
//! Arguments that say *which dimension* or *which shape* are candle's: a `dim` is a `usize` or [`Minus1`] for the last,
//! `dims` one or several, a shape a tuple, a slice or a `Vec`. An operation fails, with candle's error, if shapes or
//! dtypes do not fit or memory runs out; methods say so only where there is more to it.

use std::fmt;
use std::marker::PhantomData;

use crate::device::Device;

/// The sentence that links PyTorch's function of the same meaning.
macro_rules! torch {
    ($name:literal) => {
        concat!(
            "Corresponds to [`torch.",
            $name,
            "`](https://docs.pytorch.org/docs/stable/generated/torch.",
            $name,
            ".html)."
        )
    };
}

/// The sentence that links a function of `torch.nn.functional`.
macro_rules! functional {
    ($name:literal) => {
        concat!(
            "Corresponds to [`torch.nn.functional.",
            $name,
            "`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.",
            $name,
            ".html)."
        )
    };
}

mod arithmetic;
pub mod attention;
mod cat;
mod check;
mod compare;
mod conv;
mod convert;
mod create;
mod custom_op;
mod doors;
mod files;
mod from_data;
mod gather;
mod grad;
mod in_place;
mod index;
pub mod kv_cache;
mod like;
pub mod loss;
mod matmul;
mod nn_ops;
mod norm_ops;
mod on_device;
mod operand;
mod operators;
mod pool;
mod reduce;
mod sample;
mod shape;
mod unary;
mod view;

pub use index::{DimIndex, Index};
pub use on_device::{OnDevice, OptionalOnDevice};
pub use operand::TensorOrScalar;

// The types in this module's signatures. Not candle's `D`, whose name is that of the device parameter everywhere here.
pub use candle_core::D::{Minus, Minus1, Minus2};
pub use candle_core::backprop::GradStore;
pub use candle_core::conv::CudnnFwdAlgo;
pub use candle_core::op::CmpOp;
pub use candle_core::scalar::Scalar;
pub use candle_core::shape::{Dim, Dims, ShapeWithOneHole};
pub use candle_core::{DType, FloatDType, Layout, NdArray, Shape, TensorId, ToUsize2, WithDType};

pub(crate) use crate::memory::cast_ref;
pub(crate) use cat::cat;

/// A tensor on the device `D`.
///
/// Corresponds to [`torch.Tensor`](https://docs.pytorch.org/docs/stable/tensors.html), with the methods and names of
/// [`candle_core::Tensor`]. Shape and dtype are run-time properties, as in candle. Cloning is cheap and shares the data.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![1f32, 2.0, 3.0, 4.0], (2, 2), Cpu)?;
/// let y = x.matmul(&x)?;
/// assert_eq!(y.to_vec2::<f32>()?, [[7.0, 10.0], [15.0, 22.0]]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone)]
#[repr(transparent)]
#[must_use = "tensor operations return a new tensor and leave their operands as they were: `let x = x.to(device)?`"]
// No bound on `D`: a device that is none is then reported once, where it is written, and not for each type that it is in.
pub struct Tensor<D> {
    inner: candle_core::Tensor,
    device: PhantomData<D>,
}

impl<D: Device> Tensor<D> {
    /// Tags a tensor that the caller knows to be on `D`: the result of an operation on `Tensor<D>`s, or checked.
    #[inline]
    pub(crate) fn wrap(inner: candle_core::Tensor) -> Self {
        Self { inner, device: PhantomData }
    }
}

impl<D: Device> fmt::Debug for Tensor<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The values, as candle prints them.
impl<D: Device> fmt::Display for Tensor<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
