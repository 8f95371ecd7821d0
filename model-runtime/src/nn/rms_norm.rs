//! [`RMSNorm`]: `y = x / √(E[x²] + eps) · w`, over the last dimensions of any input.

use candle_core::{DType, Shape, Tensor as Candle, bail};

use super::row_norm::{RowNorm, cast};
use super::{compute, in_opmath};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// Scales by the root of the mean square over the last dimensions: `y = x / √(E[x²] + eps) · w`.
///
/// Corresponds to [`torch.nn.RMSNorm`](https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html). The norms of
/// Llama and Mixtral are this one with an `eps` of their own.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let norm = RMSNorm::new(2).init(Cpu)?;
/// let y = norm.forward(&Tensor::from_vec(vec![1f32, 7.0], (1, 2), Cpu)?)?; // the mean square is 25
/// let y = y.flatten_all()?.to_vec1::<f32>()?;
/// assert!((y[0] - 0.2).abs() < 1e-6 && (y[1] - 1.4).abs() < 1e-6);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct RMSNorm<D: Device> {
    /// `normalized_shape`; none with `elementwise_affine(false)`.
    pub weight: Option<Param<D>>,
    /// The sizes of the dimensions that are normalised together.
    pub normalized_shape: Shape,
    /// Added to the mean square; `None` for the distance from 1 to the next number of the dtype that it computes in.
    pub eps: Option<f64>,
}

impl RMSNorm<Meta> {
    /// Declares the layer, with a weight and the smallest `eps`.
    pub fn new(normalized_shape: impl Into<Shape>) -> Self {
        let layer = Self { weight: None, normalized_shape: normalized_shape.into(), eps: None };
        layer.elementwise_affine(true)
    }

    /// What is added to the mean square. PyTorch's default is `None`: 1.19e-7 for `f32` and half types, 2.22e-16 for `f64`.
    #[must_use]
    pub fn eps(self, eps: impl Into<Option<f64>>) -> Self {
        Self { eps: eps.into(), ..self }
    }

    /// Whether it has a weight. PyTorch's default is `true`.
    #[must_use]
    pub fn elementwise_affine(mut self, elementwise_affine: bool) -> Self {
        self.weight = elementwise_affine.then(|| {
            let spec = Spec::new(self.normalized_shape.clone(), init::ONE);
            Param::declare(match self.normalized_shape.rank() {
                0 => spec.invalid("expected normalized_shape to be at least 1-dimensional, got: []"),
                _ => spec,
            })
        });
        self
    }
}

/// # Errors
///
/// The input does not end in `normalized_shape`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for RMSNorm<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let weight = self.weight.as_ref().map(Param::as_candle);
        compute(x, |x| rms_norm(x, self.normalized_shape.dims(), weight, self.eps))
    }
}

fn rms_norm(
    x: &Candle,
    normalized_shape: &[usize],
    weight: Option<&Candle>,
    eps: Option<f64>,
) -> candle_core::Result<Candle> {
    let (dims, rank) = (x.dims(), normalized_shape.len());
    if rank == 0 || !dims.ends_with(normalized_shape) {
        bail!("RMSNorm: shape of the input, expected: (*, {normalized_shape:?}), got: {dims:?}")
    }
    if x.elem_count() == 0 {
        return Ok(x.clone());
    }
    in_opmath(x, |x| {
        let eps = eps.unwrap_or(if x.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) });
        let weight = cast(weight, x)?;
        let weight = weight.as_deref();
        let features = normalized_shape.iter().product();
        let kernel = RowNorm { features, is_centred: false, weight, bias: None, eps };
        if let Some(y) = kernel.forward(x)? {
            return Ok(y);
        }
        let rows = x.flatten_from(dims.len() - rank)?;
        let mean_square = rows.sqr()?.mean_keepdim(dims.len() - rank)?;
        let y = rows.broadcast_div(&(mean_square + eps)?.sqrt()?)?;
        let y = match weight {
            Some(weight) => y.broadcast_mul(&weight.flatten_all()?)?,
            None => y,
        };
        y.reshape(dims)
    })
}
