//! [`Cast`]: from the dtype that a file has to the one that is wanted, bit for bit as candle's `to_dtype`.

use candle_core::DType;
use half::{bf16, f16};

use crate::memory::Part;

/// Elements that are converted at a time: they stay in the first cache.
const ELEMENTS: usize = 1024;
/// The size of the largest of the dtypes that are converted.
const LARGEST: usize = 8;

/// Converts as many elements as both slices hold.
type Kernel = fn(&[u8], &mut [u8]);

/// What becomes of elements while they are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast {
    from: DType,
    to: DType,
    kernel: Option<Kernel>,
}

/// The conversions between floating-point dtypes. Both sides are little-endian bytes.
macro_rules! kernels {
    ($from:expr, $to:expr, $($source:ty: $source_dtype:ident => $target:ty: $target_dtype:ident, $convert:expr;)*) => {
        match ($from, $to) {
            $((DType::$source_dtype, DType::$target_dtype) => Some(|from: &[u8], to: &mut [u8]| {
                let (from, _) = from.as_chunks::<{ size_of::<$source>() }>();
                let (to, _) = to.as_chunks_mut::<{ size_of::<$target>() }>();
                for (from, to) in from.iter().zip(to) {
                    let convert: fn($source) -> $target = $convert;
                    *to = convert(<$source>::from_le_bytes(*from)).to_le_bytes();
                }
            }),)*
            _ => None,
        }
    };
}

impl Cast {
    pub(super) fn new(from: DType, to: DType) -> Self {
        let kernel: Option<Kernel> = kernels! { from, to,
            f32: F32 => f16: F16, f16::from_f32;
            f32: F32 => bf16: BF16, bf16::from_f32;
            f32: F32 => f64: F64, f64::from;
            f64: F64 => f32: F32, |x| x as f32;
            f64: F64 => f16: F16, f16::from_f64;
            f64: F64 => bf16: BF16, bf16::from_f64;
            f16: F16 => f32: F32, f16::to_f32;
            f16: F16 => f64: F64, f16::to_f64;
            f16: F16 => bf16: BF16, |x| bf16::from_f32(x.to_f32());
            bf16: BF16 => f32: F32, bf16::to_f32;
            bf16: BF16 => f64: F64, bf16::to_f64;
            bf16: BF16 => f16: F16, |x| f16::from_f32(x.to_f32());
        };
        Self { from, to, kernel }
    }

    /// The dtype of the file.
    pub(super) fn from(&self) -> DType {
        self.from
    }

    /// The dtype of what comes out: the wanted one, or that of the file where candle is to convert it afterwards.
    pub(super) fn to(&self) -> DType {
        if self.kernel.is_some() { self.to } else { self.from }
    }

    /// Whether the bytes stay as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.kernel.is_none()
    }

    /// The number of bytes that so many bytes of the file become.
    pub(super) fn nbytes(&self, of_file: usize) -> usize {
        of_file / self.from().size_in_bytes().max(1) * self.to().size_in_bytes()
    }

    /// Fills `part` with what whole elements become.
    pub(super) fn fill(&self, bytes: &[u8], mut part: Part<'_>) {
        let Some(kernel) = self.kernel else { return part.write(bytes) };
        let mut block = [0; ELEMENTS * LARGEST];
        for bytes in bytes.chunks(ELEMENTS * self.from.size_in_bytes()) {
            let (now, rest) = part.split_at(self.nbytes(bytes.len()));
            if let Some(block) = block.get_mut(..now.len()) {
                kernel(bytes, block);
                now.write(block);
            }
            part = rest;
        }
    }

    /// What whole elements become, in place of what `out` held.
    pub(super) fn convert(&self, bytes: &[u8], out: &mut Vec<u8>) {
        out.resize(self.nbytes(bytes.len()), 0);
        match self.kernel {
            Some(kernel) => kernel(bytes, out),
            None => out.copy_from_slice(bytes),
        }
    }
}
