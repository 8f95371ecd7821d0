//! [`advise`]: asks for large pages under large allocations, so that filling them faults less often.

#![allow(unsafe_code, reason = "`madvise` takes an address")]

use std::mem::MaybeUninit;

/// The size of a huge page on x86-64, and on AArch64 with pages of 4 KiB.
#[cfg(target_os = "linux")]
const HUGE_PAGE: usize = 2 << 20;

/// Asks the kernel to back the whole huge pages inside `memory` with such, where it does so on request (the setting
/// `madvise` of transparent huge pages). It may refuse: then nothing changes.
#[cfg(target_os = "linux")]
pub(super) fn advise(memory: &mut [MaybeUninit<u8>]) {
    use rustix::mm::{Advice, madvise};

    let start = memory.as_mut_ptr().align_offset(HUGE_PAGE);
    let Some(inside) = memory.get_mut(start..) else { return };
    let pages = inside.len() / HUGE_PAGE;
    if pages == 0 {
        return;
    }
    // SAFETY: the range is inside one allocation that is borrowed here, and this advice changes no contents.
    let _ = unsafe { madvise(inside.as_mut_ptr().cast(), pages * HUGE_PAGE, Advice::LinuxHugepage) };
}

/// Other systems choose the size of pages themselves.
#[cfg(not(target_os = "linux"))]
pub(super) fn advise(_memory: &mut [MaybeUninit<u8>]) {}
