//! What is mapped in this process, and whether anything can be.

use super::range;

/// Whether tensors can lie over mapped files in this process.
///
/// The first call finds out, and reserves the addresses. It is false, and every load copies, where the global allocator
/// is not a [`MappedAlloc`](super::MappedAlloc) or under one, on systems other than Unix, and where the system has no
/// addresses to give: under a tight `ulimit -v`, for example.
///
/// ```
/// use model_runtime::memory;
///
/// // This example has no `#[global_allocator]`.
/// assert!(!memory::can_map());
/// ```
pub fn can_map() -> bool {
    range::is_reserved()
}

/// How much of this process's memory lies over mapped files now.
///
/// ```
/// use model_runtime::memory;
///
/// assert_eq!(memory::mapped().tensors, 0);
/// ```
pub fn mapped() -> Mapped {
    let in_use = range::in_use();
    // A mapping has a holder more while a load hands out its tensors.
    Mapped { mappings: in_use.parts, tensors: in_use.holders, bytes: in_use.bytes }
}

/// What [`mapped`] counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapped {
    /// Spans of files: each load makes one for each file.
    pub mappings: usize,
    /// Tensors over them. While a load is under way, its mapping counts as one.
    pub tensors: usize,
    /// Addresses of the spans, in whole pages. How much of it is in memory is up to the system, which reads pages
    /// when they are touched.
    pub bytes: usize,
}
