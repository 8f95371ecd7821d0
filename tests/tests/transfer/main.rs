//! Reading tensors: whatever way their bytes take, they are those of a plain read, converted as candle converts.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

mod archive;
mod damage;
mod equality;
mod layouts;
mod progress;

use candle_core::{DType, Device as CandleDevice, Tensor as CandleTensor};
use model_runtime::checkpoint::{ScalarType, TensorInfo};

/// The candle dtype of the elements, `None` where candle has none.
fn dtype(tensor: &TensorInfo) -> Option<DType> {
    Some(match tensor.dtype() {
        ScalarType::Float64 => DType::F64,
        ScalarType::Float32 => DType::F32,
        ScalarType::Float16 => DType::F16,
        ScalarType::BFloat16 => DType::BF16,
        ScalarType::Float8E4M3Fn => DType::F8E4M3,
        ScalarType::Int64 => DType::I64,
        ScalarType::Int32 => DType::I32,
        ScalarType::Int16 => DType::I16,
        ScalarType::UInt32 => DType::U32,
        ScalarType::UInt8 | ScalarType::Bool => DType::U8,
        _ => return None,
    })
}

/// The plain way: all bytes in a buffer, and a candle tensor made of it.
fn reference(tensor: &TensorInfo) -> Option<CandleTensor> {
    let bytes = tensor.read_bytes().unwrap();
    Some(CandleTensor::from_raw_buffer(&bytes, dtype(tensor)?, tensor.shape(), &CandleDevice::Cpu).unwrap())
}

/// The bytes of a tensor, so that a NaN equals itself.
fn bytes(tensor: &CandleTensor) -> Vec<u8> {
    let mut bytes = Vec::new();
    tensor.write_bytes(&mut bytes).unwrap();
    bytes
}

fn assert_same(got: &CandleTensor, expected: &CandleTensor, at: &str) {
    assert_eq!((got.dtype(), got.dims()), (expected.dtype(), expected.dims()), "{at}");
    assert!(bytes(got) == bytes(expected), "{at}: other bytes");
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's MMIX generator; its upper bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }
}
