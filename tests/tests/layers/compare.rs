//! What the fixtures hold, and how numbers are compared with it.

use std::fs;
use std::path::PathBuf;

use candle_core::Var;
use model_runtime::prelude::*;
use serde_json::Value;

pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/layers").join(name)
}

pub fn entries(file: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(fixture(file)).unwrap()).unwrap()
}

/// The entries under `prefix`.
pub fn under(file: &StateDict, prefix: &str) -> StateDict {
    let entries = file.filter(|key| key.starts_with(prefix));
    if entries.is_empty() { entries } else { entries.strip_prefix(prefix).unwrap() }
}

/// The same numbers, as part of a graph: some layers take another way then.
pub fn tracked(x: &Tensor<Cpu>) -> Tensor<Cpu> {
    if !x.dtype().is_float() {
        return x.clone();
    }
    Tensor::try_from_candle(Var::from_tensor(x.as_candle()).unwrap().into_inner()).unwrap()
}

pub fn values(tensor: &Tensor<Cpu>) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}

/// Single precision in another order of summation: five digits, or six after the point.
pub const PRECISION: f64 = 1e-5;

/// Gradients sum up more numbers, which cancel.
pub const GRADIENT_PRECISION: f64 = 1e-4;

pub fn assert_close(what: &str, precision: f64, got: &Tensor<Cpu>, expected: &Tensor<Cpu>) {
    assert_eq!(got.dims(), expected.dims(), "{what}: shape");
    assert_eq!(got.dtype(), expected.dtype(), "{what}: dtype");
    for (index, (got, expected)) in values(got).into_iter().zip(values(expected)).enumerate() {
        let tolerance = precision * expected.abs().max(0.1);
        let is_close = got == expected || (got - expected).abs() <= tolerance || (got.is_nan() && expected.is_nan());
        assert!(is_close, "{what}: element {index}, expected: {expected}, got: {got}");
    }
}

pub fn check_initial(values: &[f64], expected: &Value) {
    let number = |name: &str| expected[name].as_f64();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let std = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(min, max), value| (min.min(*value), max.max(*value)));
    if number("std") == Some(0.0) {
        assert_eq!((Some(min), Some(max)), (number("min"), number("max")));
        return;
    }
    // Five standard errors: of the mean σ/√n, of the standard deviation at most σ/√(2n).
    let sigma = number("expected_std").unwrap_or(1.0);
    assert!(mean.abs() < 5.0 * sigma / count.sqrt(), "mean {mean}");
    assert!((std - sigma).abs() < 5.0 * sigma / (2.0 * count).sqrt(), "std {std}, expected {sigma}");
    if let Some(bound) = number("bound") {
        // Rounded to single precision, the bound itself may be exceeded by half of its last digit. Of n values the last
        // 20/n of the range has none with the probability e⁻¹⁰.
        let reached = bound * (1.0 - (20.0 / count).max(0.02));
        assert!(max <= bound * (1.0 + 1e-7) && max > reached, "maximum {max}, bound {bound}");
        assert!(min >= -bound * (1.0 + 1e-7) && min < -reached, "minimum {min}, bound {bound}");
    }
}
