//! [`Uninit`]: the memory of a CPU tensor that has no contents yet, filled in parts by any number of threads.

#![allow(
    unsafe_code,
    reason = "a vector gets its length when each of its bytes was written, which its type does not say"
)]

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{CpuStorage, DType};

/// Fills `out` with zeros, for what can only be read into initialised memory.
pub(crate) fn zeroed(out: &mut [MaybeUninit<u8>]) -> &mut [u8] {
    out.fill(MaybeUninit::new(0));
    // SAFETY: each byte was written by `fill`.
    unsafe { out.assume_init_mut() }
}

/// The memory of a CPU tensor before it has contents: allocated, not zeroed.
#[derive(Debug)]
pub(crate) struct Uninit {
    /// Without elements, with room for `elements`.
    storage: CpuStorage,
    elements: usize,
    /// The bytes that the parts of it have been filled with.
    filled: AtomicUsize,
}

/// A part of such memory that no one else has, in bytes.
#[derive(Debug)]
pub(crate) struct Part<'m> {
    bytes: &'m mut [MaybeUninit<u8>],
    filled: &'m AtomicUsize,
}

/// Writes the table of element types once, for each thing that depends on it. Any bytes are a value of each of them.
macro_rules! with_vec {
    ($storage:expr, $vec:ident => $body:expr, _ => $other:expr) => {
        match $storage {
            CpuStorage::U8($vec) => $body,
            CpuStorage::U32($vec) => $body,
            CpuStorage::I16($vec) => $body,
            CpuStorage::I32($vec) => $body,
            CpuStorage::I64($vec) => $body,
            CpuStorage::BF16($vec) => $body,
            CpuStorage::F16($vec) => $body,
            CpuStorage::F32($vec) => $body,
            CpuStorage::F64($vec) => $body,
            CpuStorage::F8E4M3($vec) => $body,
            CpuStorage::F6E2M3(_) | CpuStorage::F6E3M2(_) | CpuStorage::F4(_) | CpuStorage::F8E8M0(_) => $other,
        }
    };
}

impl Uninit {
    /// Room for so many elements; `None` if there is not so much memory, or for the block formats.
    pub(crate) fn new(dtype: DType, elements: usize) -> Option<Self> {
        let mut storage = empty(dtype)?;
        with_vec!(&mut storage, vec => vec.try_reserve_exact(elements).ok()?, _ => return None);
        Some(Self { storage, elements, filled: AtomicUsize::new(0) })
    }

    /// All of it, to be filled; what was filled before counts no more.
    pub(crate) fn part(&mut self) -> Part<'_> {
        *self.filled.get_mut() = 0;
        let elements = self.elements;
        let bytes = with_vec!(
            &mut self.storage,
            vec => {
                let room = vec.spare_capacity_mut();
                let room = room.get_mut(..elements).unwrap_or_default();
                let (start, nbytes) = (room.as_mut_ptr().cast::<MaybeUninit<u8>>(), size_of_val(room));
                // SAFETY: the same memory, as bytes of which none has to be initialised.
                unsafe { std::slice::from_raw_parts_mut(start, nbytes) }
            },
            _ => &mut []
        );
        Part { bytes, filled: &self.filled }
    }

    /// The memory with its contents; `None` if a part of it was not filled.
    pub(crate) fn finish(mut self) -> Option<CpuStorage> {
        let elements = self.elements;
        let filled = *self.filled.get_mut();
        with_vec!(
            &mut self.storage,
            vec => {
                if size_of_val(vec.spare_capacity_mut().get(..elements)?) != filled {
                    return None;
                }
                // SAFETY: the vector has room for `elements`. Parts are disjoint and each is filled once at most since
                // `part` set the count to zero, so that as many bytes as there are were written only if all were; and
                // any bytes are a value of the type.
                unsafe { vec.set_len(elements) }
            },
            _ => return None
        );
        Some(self.storage)
    }
}

impl<'m> Part<'m> {
    /// Memory that is not a tensor's. `filled` counts the bytes of it that were written.
    #[cfg(feature = "cuda")]
    pub(crate) fn new(bytes: &'m mut [MaybeUninit<u8>], filled: &'m AtomicUsize) -> Self {
        Self { bytes, filled }
    }

    /// The number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The first `mid` bytes (all, if it has fewer), and the rest.
    pub(crate) fn split_at(self, mid: usize) -> (Self, Self) {
        let Self { bytes, filled } = self;
        let mid = mid.min(bytes.len());
        let (first, rest) = bytes.split_at_mut(mid);
        (Self { bytes: first, filled }, Self { bytes: rest, filled })
    }

    /// Fills it with these bytes, of which there must be as many.
    pub(crate) fn write(self, bytes: &[u8]) {
        if self.bytes.len() == bytes.len() {
            self.filled.fetch_add(bytes.len(), Ordering::Relaxed);
            self.bytes.write_copy_of_slice(bytes);
        }
    }

    /// Lets `write` fill it, and counts it as filled if what comes back is all of it.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    pub(crate) fn fill<E>(
        self,
        write: impl FnOnce(&'m mut [MaybeUninit<u8>]) -> Result<&'m mut [u8], E>,
    ) -> Result<&'m mut [u8], E> {
        let (start, len) = (self.bytes.as_ptr().addr(), self.bytes.len());
        let written = write(self.bytes)?;
        // What is borrowed as initialised at this address and of this length can only be the part itself.
        if (written.as_ptr().addr(), written.len()) == (start, len) {
            self.filled.fetch_add(len, Ordering::Relaxed);
        }
        Ok(written)
    }
}

fn empty(dtype: DType) -> Option<CpuStorage> {
    Some(match dtype {
        DType::U8 => CpuStorage::U8(Vec::new()),
        DType::U32 => CpuStorage::U32(Vec::new()),
        DType::I16 => CpuStorage::I16(Vec::new()),
        DType::I32 => CpuStorage::I32(Vec::new()),
        DType::I64 => CpuStorage::I64(Vec::new()),
        DType::BF16 => CpuStorage::BF16(Vec::new()),
        DType::F16 => CpuStorage::F16(Vec::new()),
        DType::F32 => CpuStorage::F32(Vec::new()),
        DType::F64 => CpuStorage::F64(Vec::new()),
        DType::F8E4M3 => CpuStorage::F8E4M3(Vec::new()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use candle_core::WithDType;

    use super::*;

    #[test]
    fn parts_filled_in_any_order_make_the_whole() {
        let mut memory = Uninit::new(DType::U32, 3).unwrap();
        let (first, rest) = memory.part().split_at(5);
        rest.write(&[2, 0, 0, 3, 0, 0, 0]);
        first.write(&[1, 0, 0, 0, 0]);
        let storage = memory.finish().unwrap();
        assert_eq!(u32::cpu_storage_as_slice(&storage).unwrap(), [1, 0x200, 3]);
    }

    #[test]
    fn memory_with_a_part_that_was_not_filled_stays_unusable() {
        let mut memory = Uninit::new(DType::F16, 2).unwrap();
        let (first, rest) = memory.part().split_at(2);
        first.write(&[0, 0]);
        assert_eq!(rest.fill(|_| Err("not readable")).unwrap_err(), "not readable");
        assert!(memory.finish().is_none());
    }

    #[test]
    fn a_part_that_is_filled_again_counts_once() {
        let mut memory = Uninit::new(DType::U8, 2).unwrap();
        for _ in 0..2 {
            memory.part().split_at(1).0.write(&[7]);
        }
        assert!(memory.finish().is_none());
    }

    #[test]
    fn another_slice_than_the_part_does_not_count() {
        let mut other = [0u8; 2];
        let mut memory = Uninit::new(DType::U8, 2).unwrap();
        memory.part().fill(|_| Ok::<_, Infallible>(&mut other)).unwrap();
        assert!(memory.finish().is_none());
        let mut memory = Uninit::new(DType::U8, 2).unwrap();
        memory.part().fill(|out| Ok::<_, Infallible>(&mut zeroed(out)[..1])).unwrap();
        assert!(memory.finish().is_none());
    }

    #[test]
    fn memory_without_elements_needs_no_filling_and_too_much_is_none() {
        assert_eq!(
            i64::cpu_storage_as_slice(&Uninit::new(DType::I64, 0).unwrap().finish().unwrap()).unwrap(),
            [0i64; 0]
        );
        assert!(Uninit::new(DType::F64, usize::MAX / 4).is_none());
        assert!(Uninit::new(DType::F4, 1).is_none());
    }

    #[test]
    fn large_memory_is_written_to_its_ends() {
        let mut memory = Uninit::new(DType::U8, 5 << 20).unwrap();
        memory.part().fill(|out| Ok::<_, Infallible>(zeroed(out))).unwrap();
        assert!(u8::cpu_storage_as_slice(&memory.finish().unwrap()).unwrap().iter().all(|byte| *byte == 0));
    }
}
