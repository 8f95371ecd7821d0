//! The formats of PyTorch: a pickle of the objects, and the bytes of their storages beside it.

mod archive;
mod legacy;
mod rebuild;
mod script;
mod storages;
mod tar;
pub(crate) mod write;
mod zip;

pub(super) use legacy::open as open_legacy;
pub(super) use rebuild::negated;
pub(super) use tar::{is_header as is_tar_header, open as open_tar};
pub(super) use zip::open as open_zip;

#[cfg(test)]
mod tests;
