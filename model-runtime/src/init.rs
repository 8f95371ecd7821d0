//! Initial values: candle's [`Init`], drawn from a seed on the CPU, so that they are the same on every device.
//!
//! Corresponds to [`torch.nn.init`](https://docs.pytorch.org/docs/stable/nn.init.html).

use candle_core::{DType, Device, Shape, Tensor};
pub use candle_nn::init::{
    DEFAULT_KAIMING_NORMAL, DEFAULT_KAIMING_UNIFORM, FanInOut, Init, NonLinearity, NormalOrUniform, ONE, ZERO,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Normal, Uniform};

use crate::error::{Error, Result};

/// PyTorch's default for the weight and bias of `Linear` and of convolutions: uniform in ±1/√`fan_in`.
///
/// Corresponds to `kaiming_uniform_(weight, a=math.sqrt(5))`, whose bound is that number.
///
/// ```
/// use model_runtime::init::{self, Init};
///
/// assert!(matches!(init::fan_in_uniform(16), Init::Uniform { lo: -0.25, up: 0.25 }));
/// ```
pub fn fan_in_uniform(fan_in: usize) -> Init {
    // A layer without inputs has nothing to initialise; PyTorch's bound is 0 there too.
    let bound = if fan_in == 0 { 0.0 } else { 1.0 / (fan_in as f64).sqrt() };
    Init::Uniform { lo: -bound, up: bound }
}

/// PyTorch's default for `Embedding`: standard normal.
pub const STANDARD_NORMAL: Init = Init::Randn { mean: 0.0, stdev: 1.0 };

/// Draws a tensor on the CPU.
pub(crate) fn sample(init: &Init, shape: &Shape, dtype: DType, seed: u64) -> Result<Tensor> {
    let values = match *init {
        Init::Const(value) => return Ok(Tensor::full(value, shape.clone(), &Device::Cpu)?.to_dtype(dtype)?),
        Init::Uniform { lo, up } => uniform(lo, up, shape, seed)?,
        Init::Randn { mean, stdev } => normal(mean, stdev, shape, seed)?,
        Init::Kaiming { dist, fan, non_linearity } => {
            let stdev = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
            match dist {
                NormalOrUniform::Normal => normal(0.0, stdev, shape, seed)?,
                // A uniform distribution in ±b has the standard deviation b/√3.
                NormalOrUniform::Uniform => uniform(-stdev * 3f64.sqrt(), stdev * 3f64.sqrt(), shape, seed)?,
            }
        }
    };
    Ok(values.to_dtype(dtype)?)
}

/// The seed of one tensor's random sequence: FNV-1a of the model's seed and the tensor's key.
pub(crate) fn seed_of(seed: u64, key: &str) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = seed.to_le_bytes().into_iter().chain(key.bytes());
    bytes.fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

fn uniform(lo: f64, up: f64, shape: &Shape, seed: u64) -> Result<Tensor> {
    let range = Uniform::new_inclusive(lo, up).map_err(|_| invalid(format!("uniform in [{lo}, {up}]")))?;
    draw(range, shape, seed)
}

fn normal(mean: f64, stdev: f64, shape: &Shape, seed: u64) -> Result<Tensor> {
    if stdev < 0.0 {
        return Err(invalid(format!("normal with mean {mean}, stdev {stdev}")));
    }
    let normal = Normal::new(mean, stdev).map_err(|_| invalid(format!("normal with mean {mean}, stdev {stdev}")))?;
    draw(normal, shape, seed)
}

fn draw(distribution: impl Distribution<f64>, shape: &Shape, seed: u64) -> Result<Tensor> {
    let values = distribution.sample_iter(StdRng::seed_from_u64(seed)).take(shape.elem_count());
    // Single precision is what models are initialised in; half of the memory of `f64` while it is drawn.
    let values: Vec<f32> = values.map(|value| value as f32).collect();
    Ok(Tensor::from_vec(values, shape.clone(), &Device::Cpu)?)
}

fn invalid(what: String) -> Error {
    Error::unsupported(format_args!("no such distribution of initial values: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_key_give_the_same_values() {
        let draw = |seed, key| {
            let tensor = sample(&fan_in_uniform(4), &Shape::from(8), DType::F32, seed_of(seed, key)).unwrap();
            tensor.to_vec1::<f32>().unwrap()
        };
        assert_eq!(draw(1, "fc.weight"), draw(1, "fc.weight"));
        assert_ne!(draw(1, "fc.weight"), draw(1, "fc.bias"));
        assert_ne!(draw(1, "fc.weight"), draw(2, "fc.weight"));
    }

    #[test]
    fn a_distribution_that_does_not_exist_is_an_error() {
        for stdev in [-1.0, f64::NAN] {
            let init = Init::Randn { mean: 0.0, stdev };
            assert!(sample(&init, &Shape::from(2), DType::F32, 0).is_err());
        }
        assert!(sample(&Init::Uniform { lo: 1.0, up: 0.0 }, &Shape::from(2), DType::F32, 0).is_err());
    }

    #[test]
    fn constants_have_the_declared_dtype() {
        let zero = sample(&ZERO, &Shape::from(()), DType::I64, 0).unwrap();
        assert_eq!(zero.to_scalar::<i64>().unwrap(), 0);
    }
}
