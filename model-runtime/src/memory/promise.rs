//! The promise that a file stays as it is while tensors lie over it.
#![allow(unsafe_code, reason = "the promise that makes a mapped file memory like any other is made by an unsafe call")]

/// That nobody shortens a file or changes its bytes in place, as long as anything that was mapped from it is alive.
///
/// Whoever has one may map the files that it was made for: those of one checkpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise(());

impl Promise {
    /// # Safety
    ///
    /// As long as a tensor lies over a file that is opened with this promise, no process truncates that file or writes
    /// to it. Replacing it by another file of the same name is no change of it.
    pub(super) unsafe fn new() -> Self {
        Self(())
    }
}
