//! [`Checkpoint::map`]: opens a file whose tensors will lie over it.
#![allow(unsafe_code, reason = "the caller promises that the file does not change")]

use std::path::Path;

use super::promise::Promise;
use crate::checkpoint::{Checkpoint, OpenOptions, Result};

impl Checkpoint {
    /// Opens the file at `path` as [`open`](Self::open) does; what is loaded from it then lies over the mapped file,
    /// without a copy.
    ///
    /// The load takes as long as planning it, and the system reads what is touched when it is touched. It needs
    /// [`MappedAlloc`](crate::memory::MappedAlloc) as the global allocator; without it, or where a tensor cannot lie
    /// over the file, the tensor is read: see the list in `docs/mapping.md`. A mapped tensor is like any other. What is
    /// written to it stays in memory, the file is never changed. It outlives the checkpoint and every other tensor; the
    /// mapping goes with the last one, and each load makes a new one, so that two models share no memory.
    ///
    /// Checksums of mapped bytes are not compared, since that would read all of them: call [`verify`](Self::verify)
    /// first where it matters.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
    /// // SAFETY: nobody truncates or overwrites the file while the tensors are alive.
    /// let checkpoint = unsafe { Checkpoint::map(path)? };
    /// let bias = checkpoint.state_dict()?.get("head.4.bias").expect("a bias").read()?;
    /// assert_eq!(bias.dims(), [10]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// Corresponds to `torch.load(path, mmap=True)`.
    ///
    /// # Safety
    ///
    /// As long as this checkpoint or a tensor that was loaded from it is alive, no process may truncate the file, nor
    /// write to it in place, and the same goes for the other files of a checkpoint that has several. A truncated file
    /// ends the program with `SIGBUS` when a tensor is touched; a changed one changes values that the program takes for
    /// constant. Replacing the file by another of the same name (rename), which is how this crate, `pip` and `git`
    /// write, is no change: the tensors keep the old file. `cp` over it and `rsync --inplace` are.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub unsafe fn map(path: impl AsRef<Path>) -> Result<Self> {
        // SAFETY: the caller promises the same.
        unsafe { Self::map_with(path, OpenOptions::new()) }
    }

    /// [`map`](Self::map) with other options.
    ///
    /// # Safety
    ///
    /// As [`map`](Self::map).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub unsafe fn map_with(path: impl AsRef<Path>, options: impl Into<OpenOptions>) -> Result<Self> {
        // SAFETY: the promise goes along with the files of this checkpoint only, and the caller makes it for them.
        let promise = unsafe { Promise::new() };
        Self::open_promised(path.as_ref(), &options.into(), Some(promise))
    }
}
