//! [`Mapping`]: a part of a file in memory, handed out as `Vec`s.
#![allow(unsafe_code, reason = "makes `Vec`s of the bytes of a mapped file")]

use std::fs::File;
use std::ops::Range;

use candle_core::{CpuStorage, DType};

use super::promise::Promise;
use super::taken::Taken;
use super::{range, system};

/// A span of a file, mapped for one load: reads see the file, writes stay in memory.
///
/// It goes when this and all `Vec`s that it handed out are gone.
#[derive(Debug)]
pub(crate) struct Mapping {
    /// The first byte of the mapping, which is that of a page.
    start: *mut u8,
    /// Where it is in the file.
    offset: u64,
    /// The bytes of the file that were asked for.
    span: Range<u64>,
    taken: Taken,
}

impl Mapping {
    /// Maps a span of `file`; `None` where that is not possible: the allocator is another one, the span is empty or ends
    /// behind the end of the file, or the system refuses.
    pub(crate) fn new(file: &File, _promise: Promise, span: Range<u64>) -> Option<Self> {
        if !range::is_reserved() || span.is_empty() || file.metadata().ok()?.len() < span.end {
            return None;
        }
        let page = u64::try_from(system::page_size()).ok()?;
        let offset = span.start - span.start % page;
        let len = usize::try_from(span.end.checked_next_multiple_of(page)? - offset).ok()?;
        let start = range::map(file, offset, len)?;
        Some(Self { start, offset, span, taken: Taken::default() })
    }

    /// The storage of the `len` elements from byte `start` of the file on, which are little-endian: `None` if they are
    /// none, are not all in the span, do not lie where their type may, or are in part handed out already; and for the
    /// block formats.
    pub(crate) fn storage(&mut self, dtype: DType, start: u64, len: usize) -> Option<CpuStorage> {
        // SAFETY: every bit pattern is a value of each of these types: integers, floats, and structs of one integer that
        // are floats of fewer bits.
        unsafe {
            Some(match dtype {
                DType::U8 => CpuStorage::U8(self.take(start, len)?),
                DType::U32 => CpuStorage::U32(self.take(start, len)?),
                DType::I16 => CpuStorage::I16(self.take(start, len)?),
                DType::I32 => CpuStorage::I32(self.take(start, len)?),
                DType::I64 => CpuStorage::I64(self.take(start, len)?),
                DType::BF16 => CpuStorage::BF16(self.take(start, len)?),
                DType::F16 => CpuStorage::F16(self.take(start, len)?),
                DType::F32 => CpuStorage::F32(self.take(start, len)?),
                DType::F64 => CpuStorage::F64(self.take(start, len)?),
                DType::F8E4M3 => CpuStorage::F8E4M3(self.take(start, len)?),
                _ => return None,
            })
        }
    }

    /// The elements as a `Vec`.
    ///
    /// # Safety
    ///
    /// Every bit pattern of the size of a `T` is a `T`.
    pub(super) unsafe fn take<T: Copy>(&mut self, start: u64, len: usize) -> Option<Vec<T>> {
        let end = u64::try_from(len.checked_mul(size_of::<T>())?).ok()?.checked_add(start)?;
        if start < self.span.start || end > self.span.end {
            return None;
        }
        // SAFETY: the bytes from `start` to `end` are in the span, which was mapped as a whole.
        let first = unsafe { self.start.add(usize::try_from(start - self.offset).ok()?) }.cast::<T>();
        if !first.is_aligned() || !self.taken.insert(start..end) || !range::share(self.start) {
            return None;
        }
        // SAFETY: `Vec` asks for a block of the global allocator with the layout of `len` elements, all initialised.
        // - The global allocator is a `MappedAlloc`, or hands it every pointer unchanged: `is_reserved` found that out.
        //   It owns the block as its own: it will take the pointer with this layout, whatever `Vec`, `Box` or slice is
        //   made of it, and the holder that was just added is what it lets go then.
        // - The bytes are of the file, and every bit pattern is a `T`, says the caller. They stay mapped, readable and writable, as
        //   long as the block has its holder; with the promise that the file is not shortened, every access finds them,
        //   and with the promise that it is not written to, nothing changes under a reference.
        // - Nobody else reads or writes them: `taken` hands each byte of this mapping out once, and every mapping has
        //   addresses of its own. What is written is in this process's own copy of the page.
        Some(unsafe { Vec::from_raw_parts(first, len, len) })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        range::release(self.start);
    }
}
