//! Views with PyTorch's negative bit, whose elements are the negatives of those that are stored.

use std::sync::Arc;

use super::error::Result;
use super::scalar_type::ScalarType;
use super::tensor::TensorInfo;
use super::torch::negated;
use super::value::Opaque;
use super::widen;

/// The tensor with the elements negated when they are read, if the object is such a view of a type that can be negated.
///
/// Corresponds to [`tensor.resolve_neg()`](https://docs.pytorch.org/docs/stable/generated/torch.resolve_neg.html).
pub(super) fn resolve(object: &Opaque) -> Option<Result<Arc<TensorInfo>>> {
    let stored = negated(object).filter(|stored| !stored.is_meta())?;
    let dtype = stored.dtype();
    sign(dtype)?;
    let storage = widen::converted(stored.storage(), dtype, dtype, negate);
    Some(widen::tensor(&stored, storage, dtype).map(Arc::new))
}

/// How the elements of a type are negated, and the bytes of one number: a complex one has two.
#[derive(Clone, Copy)]
enum Sign {
    Bit(usize),
    TwosComplement(usize),
}

fn sign(dtype: ScalarType) -> Option<Sign> {
    match dtype {
        ScalarType::Float64 | ScalarType::Complex128 => Some(Sign::Bit(8)),
        ScalarType::Float32 | ScalarType::Complex64 => Some(Sign::Bit(4)),
        ScalarType::Float16 | ScalarType::BFloat16 | ScalarType::Complex32 => Some(Sign::Bit(2)),
        ScalarType::Int64 => Some(Sign::TwosComplement(8)),
        ScalarType::Int32 => Some(Sign::TwosComplement(4)),
        ScalarType::Int16 => Some(Sign::TwosComplement(2)),
        ScalarType::Int8 | ScalarType::UInt8 => Some(Sign::TwosComplement(1)),
        // PyTorch negates no other.
        _ => None,
    }
}

/// The little-endian elements with the other sign.
fn negate(dtype: ScalarType, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match sign(dtype) {
        Some(Sign::Bit(width)) => {
            bytes.chunks_exact_mut(width).filter_map(<[u8]>::last_mut).for_each(|last| *last ^= 0x80)
        }
        Some(Sign::TwosComplement(width)) => bytes.chunks_exact_mut(width).for_each(|number| {
            let mut carry = true;
            for byte in number {
                (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
            }
        }),
        None => {}
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What torch 2.15 gives for `-torch.tensor(..)`.
    #[test]
    fn every_type_is_negated_as_pytorch_negates_it() {
        let int = |values: &[i64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        assert_eq!(negate(ScalarType::Int64, &int(&[0, 1, -256, i64::MIN])), int(&[0, -1, 256, i64::MIN]));
        assert_eq!(negate(ScalarType::Int16, &[0, 1, 0xff, 0xff]), [0, 0xff, 1, 0]);
        assert_eq!(negate(ScalarType::UInt8, &[0, 1, 200]), [0, 255, 56]);
        let float = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
        assert_eq!(negate(ScalarType::Float32, &float(&[0.0, -1.5])), float(&[-0.0, 1.5]));
        assert_eq!(negate(ScalarType::Complex64, &float(&[1.0, -2.0])), float(&[-1.0, 2.0]));
    }
}
