//! [`RowNorm`]: rows over their standard deviation, or over the root of their mean square, in one step on the CPU.
//!
//! For what no graph is recorded for: instead of ten operations, each with a result as large as the input, three passes over
//! each row while it is in the cache. candle's own kernels take `E[x²] - E[x]²` for the variance, which has no digits left
//! where the mean is large.

use std::borrow::Cow;

use candle_core::{DType, Device, Layout, Result, Storage, Tensor as Candle, WithDType};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

/// How many partial sums a row has: enough for the registers of a vector unit, and a smaller error than one sum.
const LANES: usize = 16;

/// The elements that are worth a thread: some microseconds of work, which is what waking it takes.
const PER_THREAD: usize = 1 << 14;

/// `y = (x - E[x]) / √(Var[x] + eps) · weight + bias` or `y = x / √(E[x²] + eps) · weight + bias`, for each row.
pub(super) struct RowNorm<'a> {
    /// The elements of a row.
    pub(super) features: usize,
    /// Whether the mean is taken out.
    pub(super) is_centred: bool,
    /// One number for each element of a row.
    pub(super) weight: Option<&'a Candle>,
    /// One number for each element of a row.
    pub(super) bias: Option<&'a Candle>,
    pub(super) eps: f64,
}

impl RowNorm<'_> {
    /// The rows, normalised, in the shape of the input. `None` where this kernel is not for: another device, a recorded
    /// graph, another dtype than `f32` and `f64`, and parameters of another dtype or size.
    pub(super) fn forward(&self, x: &Candle) -> Result<Option<Candle>> {
        let is_recorded = [Some(x), self.weight, self.bias].into_iter().flatten().any(Candle::track_op);
        if is_recorded || !matches!(x.device(), Device::Cpu) || self.features == 0 {
            return Ok(None);
        }
        match x.dtype() {
            DType::F32 | DType::F64 if !x.is_contiguous() => self.forward(&x.contiguous()?),
            DType::F32 => self.run::<f32>(x),
            DType::F64 => self.run::<f64>(x),
            _ => Ok(None),
        }
    }

    fn run<T: Real>(&self, x: &Candle) -> Result<Option<Candle>> {
        let (rows, layout) = x.storage_and_layout();
        let weight = self.weight.map(Candle::storage_and_layout);
        let bias = self.bias.map(Candle::storage_and_layout);
        let row = |parameter| match parameter {
            Some((storage, layout)) => elements(storage, layout).filter(|row| row.len() == self.features).map(Some),
            None => Some(None),
        };
        let Some(rows) = elements::<T>(&rows, layout) else { return Ok(None) };
        let Some(weight) = row(weight.as_ref().map(|(storage, layout)| (&**storage, *layout))) else { return Ok(None) };
        let Some(bias) = row(bias.as_ref().map(|(storage, layout)| (&**storage, *layout))) else { return Ok(None) };
        let parts = Parts { is_centred: self.is_centred, weight, bias, eps: T::from_f64(self.eps) };
        let y = parts.normalise(rows, self.features);
        Candle::from_vec(y, x.shape(), &Device::Cpu).map(Some)
    }
}

/// A parameter in the dtype that the norm is computed in.
#[inline]
pub(super) fn cast<'a>(parameter: Option<&'a Candle>, x: &Candle) -> Result<Option<Cow<'a, Candle>>> {
    match parameter {
        Some(parameter) if parameter.dtype() != x.dtype() => Ok(Some(Cow::Owned(parameter.to_dtype(x.dtype())?))),
        parameter => Ok(parameter.map(Cow::Borrowed)),
    }
}

/// The elements of a tensor without gaps on the CPU.
fn elements<'a, T: Real>(storage: &'a Storage, layout: &Layout) -> Option<&'a [T]> {
    let Storage::Cpu(storage) = storage else { return None };
    let (start, end) = layout.contiguous_offsets()?;
    storage.as_slice::<T>().ok()?.get(start..end)
}

/// A dtype that norms are computed in.
trait Real: WithDType {
    fn sqrt(self) -> Self;
}

impl Real for f32 {
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
}

impl Real for f64 {
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
}

/// What all rows share.
struct Parts<'a, T> {
    is_centred: bool,
    weight: Option<&'a [T]>,
    bias: Option<&'a [T]>,
    eps: T,
}

impl<T: Real> Parts<'_, T> {
    fn normalise(&self, rows: &[T], features: usize) -> Vec<T> {
        let mut y = vec![T::zero(); rows.len()];
        if rows.len() < 2 * PER_THREAD {
            rows.chunks_exact(features).zip(y.chunks_exact_mut(features)).for_each(|(row, y)| self.row(row, y));
        } else {
            let pairs = rows.par_chunks_exact(features).zip(y.par_chunks_exact_mut(features));
            pairs.with_min_len((PER_THREAD / features).max(1)).for_each(|(row, y)| self.row(row, y));
        }
        y
    }

    fn row(&self, row: &[T], y: &mut [T]) {
        let count = T::from_f64(row.len() as f64);
        let (mean, rest, square) = if self.is_centred {
            let mean = sums(row, |x| [x])[0] / count;
            let [rest, squares] = sums(row, |x| [x - mean, (x - mean) * (x - mean)]);
            // The mean of large numbers was rounded: what is left of it goes too.
            let rest = rest / count;
            (mean, rest, squares / count - rest * rest)
        } else {
            (T::zero(), T::zero(), sums(row, |x| [x * x])[0] / count)
        };
        let scale = T::one() / (square + self.eps).sqrt();
        let normalised = row.iter().map(|x| (*x - mean - rest) * scale);
        match (self.weight, self.bias) {
            (Some(weight), Some(bias)) => {
                let parameters = weight.iter().zip(bias);
                y.iter_mut().zip(normalised.zip(parameters)).for_each(|(y, (x, (w, b)))| *y = x * *w + *b);
            }
            (Some(weight), None) => y.iter_mut().zip(normalised.zip(weight)).for_each(|(y, (x, w))| *y = x * *w),
            (None, Some(bias)) => y.iter_mut().zip(normalised.zip(bias)).for_each(|(y, (x, b))| *y = x + *b),
            (None, None) => y.iter_mut().zip(normalised).for_each(|(y, x)| *y = x),
        }
    }
}

/// The sums of `N` numbers of each element.
#[inline]
fn sums<T: Real, const N: usize>(row: &[T], of: impl Fn(T) -> [T; N]) -> [T; N] {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let (mut lanes, mut total) = ([[T::zero(); LANES]; N], [T::zero(); N]);
    for x in rest {
        total.iter_mut().zip(of(*x)).for_each(|(total, x)| *total += x);
    }
    for chunk in chunks {
        for (lane, x) in chunk.iter().enumerate() {
            lanes.iter_mut().zip(of(*x)).for_each(|(lanes, x)| lanes[lane] += x);
        }
    }
    if chunks.is_empty() {
        return total;
    }
    total.iter_mut().zip(lanes).for_each(|(total, lanes)| lanes.into_iter().for_each(|x| *total += x));
    total
}

#[cfg(test)]
mod tests {
    use candle_core::Var;

    use super::*;
    use crate::prelude::{Cpu, Forward, GroupNorm, LayerNorm, Param, RMSNorm, Tensor};

    fn numbers(dims: &[usize], dtype: DType) -> Candle {
        let count = dims.iter().product::<usize>();
        let numbers = (0..count).map(|index| f64::from(index as u32 * 7 % 31) / 8.0 + (index as f64 * 0.37).sin());
        Candle::from_iter(numbers, &Device::Cpu).unwrap().to_dtype(dtype).unwrap().reshape(dims).unwrap()
    }

    fn typed(tensor: Candle) -> Tensor<Cpu> {
        Tensor::try_from_candle(tensor).unwrap()
    }

    fn param(dims: &[usize], dtype: DType) -> Option<Param<Cpu>> {
        Some(Param::from_tensor(typed(numbers(dims, dtype))))
    }

    /// The kernel's result is that of the operations that record a graph, which are compared with PyTorch.
    fn assert_same(layer: &impl for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>, x: &Candle) {
        let recorded = Var::from_tensor(x).unwrap();
        let expected = layer.forward(&typed(recorded.as_tensor().clone())).unwrap().into_candle();
        let got = layer.forward(&typed(x.clone())).unwrap().into_candle();
        assert!(expected.track_op() && !got.track_op());
        assert_eq!((got.dims(), got.dtype()), (expected.dims(), expected.dtype()));
        let difference = (got - expected).unwrap().to_dtype(DType::F64).unwrap().abs().unwrap();
        let difference = difference.flatten_all().unwrap().max(0).unwrap().to_scalar::<f64>().unwrap();
        let close = match x.dtype() {
            DType::F64 => 1e-12,
            DType::F32 => 2e-5,
            _ => 0.02,
        };
        assert!(difference <= close, "{:?} {:?}: {difference}", x.dims(), x.dtype());
    }

    fn layer_norm(features: usize, dtype: DType) -> LayerNorm<Cpu> {
        let (weight, bias) = (param(&[features], dtype), param(&[features], dtype));
        LayerNorm { weight, bias, normalized_shape: features.into(), eps: 1e-5 }
    }

    #[test]
    fn rows_of_any_length_are_those_of_the_recorded_operations() {
        for dtype in [DType::F32, DType::F64, DType::F16] {
            for features in [1, 2, 15, 16, 17, 40, 768] {
                let x = numbers(&[2, 3, features], dtype);
                assert_same(&layer_norm(features, dtype), &x);
                assert_same(&LayerNorm { bias: None, ..layer_norm(features, dtype) }, &x);
                assert_same(&LayerNorm { weight: None, bias: None, ..layer_norm(features, dtype) }, &x);
                let weight = param(&[features], dtype);
                assert_same(&RMSNorm { weight, normalized_shape: features.into(), eps: None }, &x);
            }
        }
    }

    #[test]
    fn rows_on_several_threads_are_those_of_the_recorded_operations() {
        assert_same(&layer_norm(100, DType::F32), &numbers(&[1000, 100], DType::F32));
        assert_same(&layer_norm(50_000, DType::F64), &numbers(&[3, 50_000], DType::F64));
    }

    #[test]
    fn tensors_with_gaps_are_those_of_the_recorded_operations() {
        let x = numbers(&[17, 2, 5], DType::F32);
        assert_same(&layer_norm(17, DType::F32), &x.transpose(0, 2).unwrap());
        assert_same(&layer_norm(5, DType::F32), &x.narrow(0, 3, 4).unwrap());
        assert_same(&layer_norm(3, DType::F32), &x.narrow(2, 1, 3).unwrap());
    }

    #[test]
    fn groups_are_those_of_the_recorded_operations() {
        let (weight, bias) = (param(&[6], DType::F32), param(&[6], DType::F32));
        let layer = GroupNorm { weight, bias, num_groups: 2, num_channels: 6, eps: 1e-5 };
        assert_same(&layer, &numbers(&[2, 6, 3, 3], DType::F32));
    }

    #[test]
    fn a_large_mean_leaves_the_digits() {
        // torch.nn.functional.layer_norm(torch.arange(40) % 7 + 1e6, (40,))[:7], in float64.
        let x = Candle::from_iter((0..40).map(|index| 1e6 + (index % 7) as f32), &Device::Cpu).unwrap();
        let norm = RowNorm { features: 40, is_centred: true, weight: None, bias: None, eps: 1e-5 };
        let y = norm.forward(&x).unwrap().unwrap().to_vec1::<f32>().unwrap();
        let expected = [-1.4635f32, -0.9544, -0.4454, 0.0636, 0.5727, 1.0817, 1.5907];
        assert!(y.iter().zip(expected).all(|(y, expected)| (y - expected).abs() < 1e-4), "{y:?}");
    }
}
