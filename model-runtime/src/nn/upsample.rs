//! [`Upsample`]: larger images or signals, each element the nearest of the input's or a mean of those around it.

use candle_core::{DType, Device, Tensor as Candle, bail};

use super::{compute, in_opmath};
use crate::Module;
use crate::device::Compute;
use crate::error::Result;
use crate::module::Forward;
use crate::tensor::Tensor;

/// Another size of `(N, C, L)` or `(N, C, H, W)`, to a size or by a factor.
///
/// Corresponds to [`torch.nn.Upsample`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html), and its
/// calls to [`interpolate`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html), with the
/// modes of [`UpsampleMode`].
///
/// ```
/// use model_runtime::prelude::*;
///
/// let x = Tensor::from_vec(vec![1f32, 2.0], (1, 1, 2), Cpu)?;
/// let nearest = Upsample::scale_factor(2.0);
/// assert_eq!(nearest.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
///
/// let linear = Upsample::scale_factor(2.0).mode(UpsampleMode::Linear);
/// assert_eq!(linear.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [1.0, 1.25, 1.75, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug, PartialEq)]
pub struct Upsample {
    /// What the new size is.
    #[module(skip)]
    pub target: UpsampleTarget,
    /// How elements between those of the input are made.
    #[module(skip)]
    pub mode: UpsampleMode,
    /// Whether the first and last elements stay where they are, for the linear modes.
    pub align_corners: bool,
}

/// The size that an [`Upsample`] makes.
#[derive(Clone, Debug, PartialEq)]
// PyTorch has these two, and `forward` handles each: not `non_exhaustive`.
pub enum UpsampleTarget {
    /// This size, `size=`: one number for each side, or one for all.
    Size(Vec<usize>),
    /// The input's times this, rounded down, `scale_factor=`: one number for each side, or one for all.
    ScaleFactor(Vec<f64>),
}

/// How an [`Upsample`] makes elements between those of the input: PyTorch's `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpsampleMode {
    /// The element at or before the place: PyTorch's default, `"nearest"`.
    #[default]
    Nearest,
    /// The weighted mean of the two elements beside it, of signals `(N, C, L)`: `"linear"`.
    Linear,
    /// The weighted mean of the four elements around it, of images `(N, C, H, W)`: `"bilinear"`.
    Bilinear,
}

impl Upsample {
    /// To a size: one number for each side, or one for all.
    pub fn size(size: impl Into<Vec<usize>>) -> Self {
        Self::to(UpsampleTarget::Size(size.into()))
    }

    /// By a factor, the same for all sides; for one per side see [`scale_factors`](Self::scale_factors).
    pub fn scale_factor(scale_factor: f64) -> Self {
        Self::to(UpsampleTarget::ScaleFactor(vec![scale_factor]))
    }

    /// By a factor for each side.
    pub fn scale_factors(scale_factors: impl Into<Vec<f64>>) -> Self {
        Self::to(UpsampleTarget::ScaleFactor(scale_factors.into()))
    }

    fn to(target: UpsampleTarget) -> Self {
        Self { target, mode: UpsampleMode::Nearest, align_corners: false }
    }

    /// How elements are made. PyTorch's default is [`UpsampleMode::Nearest`].
    #[must_use]
    pub fn mode(self, mode: UpsampleMode) -> Self {
        Self { mode, ..self }
    }

    /// Whether the first and last elements stay where they are. PyTorch's default is `false`.
    #[must_use]
    pub fn align_corners(self, align_corners: bool) -> Self {
        Self { align_corners, ..self }
    }
}

/// # Errors
///
/// An input that the mode does not take, another number of sizes or factors than its sides, a factor that is not finite, a
/// size of zero or one that no memory holds, or `align_corners` with the mode `Nearest`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Upsample {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| in_opmath(x, |x| self.upsample(x)))
    }
}

impl Upsample {
    fn upsample(&self, x: &Candle) -> candle_core::Result<Candle> {
        self.check_input(x)?;
        let sides = (2..x.rank()).map(|dim| self.side(x, dim)).collect::<candle_core::Result<Vec<_>>>()?;
        check_output(x, &sides)?;
        let mut y = x.contiguous()?;
        for (dim, side) in (2..).zip(sides) {
            y = match self.mode {
                UpsampleMode::Nearest => y.index_select(&Candle::new(side.nearest(), x.device())?, dim)?,
                UpsampleMode::Linear | UpsampleMode::Bilinear => side.linear(&y, dim, self.align_corners)?,
            };
        }
        Ok(y)
    }

    /// The one check of the input.
    fn check_input(&self, x: &Candle) -> candle_core::Result<()> {
        let (expected, fits) = match self.mode {
            UpsampleMode::Nearest => ("(N, C, L) or (N, C, H, W)", matches!(x.rank(), 3 | 4)),
            UpsampleMode::Linear => ("(N, C, L)", x.rank() == 3),
            UpsampleMode::Bilinear => ("(N, C, H, W)", x.rank() == 4),
        };
        if !fits {
            bail!("Upsample: shape of the input, expected: {expected}, got: {:?}", x.dims())
        }
        if self.align_corners && self.mode == UpsampleMode::Nearest {
            bail!("Upsample: align_corners option can only be set with the interpolating modes: linear, bilinear")
        }
        Ok(())
    }

    /// What becomes of a dimension of the input.
    fn side(&self, x: &Candle, dim: usize) -> candle_core::Result<Side> {
        let (sides, input) = (x.rank() - 2, x.dim(dim)?);
        let given = match &self.target {
            UpsampleTarget::Size(sizes) => sizes.len(),
            UpsampleTarget::ScaleFactor(factors) => factors.len(),
        };
        if given != 1 && given != sides {
            bail!("Upsample: sizes or scale factors, expected: 1 or {sides}, got: {given} (input {:?})", x.dims())
        }
        let index = if given == 1 { 0 } else { dim - 2 };
        let is_double = x.dtype() == DType::F64;
        let side = match &self.target {
            UpsampleTarget::Size(sizes) => Side { input, output: sizes[index], scale: None, is_double },
            // PyTorch rounds the new size down, and places elements by the factor as it was given.
            UpsampleTarget::ScaleFactor(factors) => {
                let factor = factors[index];
                if !factor.is_finite() {
                    bail!("Upsample: scale factors, expected: finite numbers, got: {factor}")
                }
                let output = (input as f64 * factor).floor() as usize;
                Side { input, output, scale: Some(1.0 / factor), is_double }
            }
        };
        if side.input == 0 || side.output == 0 {
            bail!("Upsample: sizes, expected: greater than 0, got: {input} to {} (input {:?})", side.output, x.dims())
        }
        Ok(side)
    }
}

/// Checks that the output has a size in memory, before candle asks for more than there can be.
fn check_output(x: &Candle, sides: &[Side]) -> candle_core::Result<()> {
    let batch: usize = x.dims()[..2].iter().product();
    let sizes = || sides.iter().map(|side| side.output);
    // A side has a list of its places, of at most 8 bytes each; and those are counted in `u32`.
    let places = sizes().try_fold(batch, usize::checked_mul).and_then(|count| count.checked_mul(8));
    let fits =
        places.is_some_and(|bytes| isize::try_from(bytes).is_ok()) && sizes().all(|size| size <= u32::MAX as usize);
    if !fits {
        let output: Vec<_> = sizes().collect();
        bail!("Upsample: sizes, expected: an output that memory can hold, got: {output:?} (input {:?})", x.dims())
    }
    Ok(())
}

/// A dimension of the input and the output.
struct Side {
    input: usize,
    output: usize,
    /// The distance of two elements of the output in the input, if a factor says it.
    scale: Option<f64>,
    /// Whether elements are of double precision; places are then computed so too, as in PyTorch.
    is_double: bool,
}

impl Side {
    /// A step of the computation of a place: in the precision of the elements.
    fn round(&self, value: f64) -> f64 {
        if self.is_double { value } else { f64::from(value as f32) }
    }

    fn scale(&self) -> f64 {
        self.round(self.scale.unwrap_or(self.input as f64 / self.output as f64))
    }

    /// `nearest_neighbor_compute_source_index` of PyTorch's `UpSample.h`, rounded down in single precision as there.
    fn nearest(&self) -> Vec<u32> {
        let scale = self.scale();
        let source = |index| self.round(f64::from(index) * scale) as f32;
        (0..self.output as u32).map(|index| (source(index).floor() as u32).min(self.input as u32 - 1)).collect()
    }

    /// `area_pixel_compute_source_index` of PyTorch's `UpSample.h`: where an element of the output is in the input.
    fn place(&self, index: usize, align_corners: bool) -> f64 {
        let index = self.round(index as f64);
        if align_corners {
            let steps = self.output.saturating_sub(1).max(1) as f64;
            let scale = if self.output > 1 { self.round((self.input - 1) as f64 / steps) } else { 0.0 };
            return self.round(index * scale);
        }
        self.round(self.round(self.scale() * self.round(index + 0.5)) - 0.5).max(0.0)
    }

    /// The mean of the two elements beside each place, weighted by how near they are.
    fn linear(&self, x: &Candle, dim: usize, align_corners: bool) -> candle_core::Result<Candle> {
        let places: Vec<_> = (0..self.output).map(|index| self.place(index, align_corners)).collect();
        let before: Vec<_> = places.iter().map(|place| (*place as usize).min(self.input - 1) as u32).collect();
        let after: Vec<_> = before.iter().map(|index| (index + 1).min(self.input as u32 - 1)).collect();
        let weights: Vec<_> =
            places.iter().zip(&before).map(|(place, index)| (place - f64::from(*index)).min(1.0)).collect();
        let mut shape = vec![1; x.rank()];
        shape[dim] = self.output;
        let weights = Candle::new(weights, &Device::Cpu)?.to_dtype(x.dtype())?.reshape(shape)?.to_device(x.device())?;
        let before = x.index_select(&Candle::new(before, x.device())?, dim)?;
        let after = x.index_select(&Candle::new(after, x.device())?, dim)?;
        before.broadcast_mul(&weights.affine(-1.0, 1.0)?)? + after.broadcast_mul(&weights)?
    }
}
