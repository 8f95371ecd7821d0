//! Memory of each thread for a block that is on its way.

use std::cell::RefCell;

/// Bytes that are read at a time: a block stays in the second cache until its checksum is computed and it is where it goes.
pub(super) const BLOCK: usize = 256 << 10;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Calls `work` with a block. One that is called inside of it has a block of its own.
pub(super) fn with<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut block = SCRATCH.with(|scratch| std::mem::take(&mut *scratch.borrow_mut()));
    block.resize(BLOCK, 0);
    let result = work(&mut block);
    SCRATCH.with(|scratch| *scratch.borrow_mut() = block);
    result
}
