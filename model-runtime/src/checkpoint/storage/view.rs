//! A part of a storage.

use std::sync::Arc;

use super::Storage;
use crate::checkpoint::scalar_type::StorageClass;

/// A part of a storage, as a persistent id of a pickle names it: whole, or a slice in files of PyTorch 0.3.
#[derive(Debug, Clone)]
pub struct StorageView {
    pub(crate) storage: Arc<Storage>,
    /// What the elements are counted in here; another name of the same storage can count differently.
    pub(crate) class: StorageClass,
    /// The first byte.
    pub(crate) start: usize,
    /// The number of bytes.
    pub(crate) nbytes: usize,
}

impl StorageView {
    /// All of `storage`.
    pub(crate) fn whole(storage: Arc<Storage>, class: StorageClass) -> Self {
        let nbytes = storage.nbytes;
        Self { storage, class, start: 0, nbytes }
    }

    /// The storage that is viewed.
    pub fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    /// The first byte of the view in the storage.
    pub fn byte_offset(&self) -> usize {
        self.start
    }

    /// The number of bytes.
    pub fn nbytes(&self) -> usize {
        self.nbytes
    }
}
