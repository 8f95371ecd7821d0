//! `Checkpoint::map` in a program whose allocator cannot free mapped memory: everything is read, and is the same.
//!
//! The allocator of this program puts a header before each block, so that the one that it wraps sees other pointers.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::alloc::{GlobalAlloc, Layout, System};

use model_runtime::memory::{self, Mapped, MappedAlloc};
use model_runtime::prelude::*;

struct Headed(MappedAlloc<System>);

impl Headed {
    /// The layout with the header, and the bytes of it.
    fn headed(layout: Layout) -> (Layout, usize) {
        let header = layout.align().max(16);
        (Layout::from_size_align(layout.size() + header, header).unwrap_or(layout), header)
    }
}

// SAFETY: each block is a larger one of the inner allocator, without its first bytes.
unsafe impl GlobalAlloc for Headed {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (whole, header) = Self::headed(layout);
        // SAFETY: the size is not zero.
        let block = unsafe { self.0.alloc(whole) };
        if block.is_null() { block } else { block.wrapping_add(header) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (whole, header) = Self::headed(layout);
        // SAFETY: `alloc` got the block with this layout.
        unsafe { self.0.dealloc(block.wrapping_sub(header), whole) }
    }
}

#[global_allocator]
static ALLOC: Headed = Headed(MappedAlloc::new(System));

#[test]
fn without_an_allocator_that_knows_of_mapped_files_everything_is_read() {
    assert!(!memory::can_map());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
    // SAFETY: nobody changes the file.
    let mapped = unsafe { Checkpoint::map(path) }.unwrap();
    let plain = Checkpoint::open(path).unwrap();
    let tensors =
        |checkpoint: Checkpoint| checkpoint.state_dict().unwrap().map_location("cpu").unwrap().tensors().unwrap();
    let (mapped, plain) = (tensors(mapped), tensors(plain));
    assert_eq!(memory::mapped(), Mapped::default());
    assert!(mapped.keys().eq(plain.keys()) && mapped.len() > 8);
    for (key, tensor) in &mapped {
        let bytes = |tensor: &candle_core::Tensor| {
            let mut bytes = Vec::new();
            tensor.write_bytes(&mut bytes).unwrap();
            (tensor.dims().to_vec(), tensor.dtype(), bytes)
        };
        assert_eq!(bytes(tensor), bytes(&plain[key]), "{key}");
    }
}
