//! The formats of PyTorch: a pickle of the objects, and the bytes of their storages beside it.

mod archive;
mod legacy;
mod rebuild;
mod storages;
mod zip;

pub(super) use legacy::open as open_legacy;
pub(super) use zip::open as open_zip;

#[cfg(test)]
mod tests;
