//! Elements of a type that candle lacks, as those of a wider type that holds every value of it.

mod float8;
mod writer;

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use float8::float32_bits;
use writer::Converting;

use super::error::Result;
use super::replace::Failure;
use super::scalar_type::{ScalarType, StorageClass};
use super::storage::{Storage, StorageData, StorageView};
use super::tensor::{Layout, TensorInfo};

/// The types and what holds all of their values. Of 64 unsigned bits nothing does, nor of complex numbers.
const WIDENINGS: &[(ScalarType, ScalarType)] = &[
    (ScalarType::Int8, ScalarType::Int16),
    (ScalarType::UInt16, ScalarType::UInt32),
    (ScalarType::Float8E5M2, ScalarType::Float32),
    (ScalarType::Float8E4M3Fnuz, ScalarType::Float32),
    (ScalarType::Float8E5M2Fnuz, ScalarType::Float32),
    (ScalarType::Float8E8M0Fnu, ScalarType::Float32),
];

/// What `dtype` is widened to.
pub(crate) fn widening(dtype: ScalarType) -> Option<ScalarType> {
    WIDENINGS.iter().find(|(narrow, _)| *narrow == dtype).map(|(_, wide)| *wide)
}

/// The little-endian elements as those of another type; the first argument is the type that they have.
pub(super) type Convert = fn(ScalarType, &[u8]) -> Vec<u8>;

/// All elements of a storage, converted when they are read.
struct Converted {
    storage: Arc<Storage>,
    from: ScalarType,
    to: ScalarType,
    convert: Convert,
}

impl StorageData for Converted {
    fn write_to(&self, range: Range<usize>, out: &mut dyn Write) -> Result<(), Failure> {
        let (mut converting, stored) = Converting::new([self.from, self.to], self.convert, &range, out);
        self.storage.write_to(stored, &mut converting)
    }

    fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

/// The storage of the same elements with a wider type.
pub(crate) fn storage(storage: &Arc<Storage>, from: ScalarType, to: ScalarType) -> Arc<Storage> {
    converted(storage, from, to, widen)
}

/// The storage of the same number of elements, as `convert` makes them.
pub(super) fn converted(storage: &Arc<Storage>, from: ScalarType, to: ScalarType, convert: Convert) -> Arc<Storage> {
    let nbytes = (storage.nbytes() / from.itemsize()).saturating_mul(to.itemsize());
    let data = Arc::new(Converted { storage: Arc::clone(storage), from, to, convert });
    Arc::new(storage.converted(to, nbytes, data))
}

/// The same view of `storage`, which is the tensor's own with elements of type `to`.
pub(crate) fn tensor(tensor: &TensorInfo, storage: Arc<Storage>, to: ScalarType) -> Result<TensorInfo> {
    let (shape, strides) = (tensor.shape().to_vec(), tensor.strides().to_vec());
    let layout = Layout { dtype: to, shape, strides, offset: tensor.offset() };
    let view = StorageView::whole(storage, StorageClass::Typed(to));
    let requires_grad = tensor.requires_grad();
    let wide = TensorInfo::new(layout, &view, requires_grad)?;
    if tensor.is_parameter() { wide.into_parameter(requires_grad) } else { Ok(wide) }
}

/// The little-endian elements of the wider type.
fn widen(from: ScalarType, bytes: &[u8]) -> Vec<u8> {
    match from {
        ScalarType::Int8 => bytes.iter().flat_map(|byte| i16::from(byte.cast_signed()).to_le_bytes()).collect(),
        ScalarType::UInt16 => {
            let (pairs, _) = bytes.as_chunks();
            pairs.iter().flat_map(|pair| u32::from(u16::from_le_bytes(*pair)).to_le_bytes()).collect()
        }
        // Of the other types none is in the table but the floats of a byte.
        _ => bytes.iter().flat_map(|byte| float32_bits(from, *byte).to_le_bytes()).collect(),
    }
}
