//! [`Entry`]: one tensor of a state dict, in a file or in memory.

use std::sync::Arc;

use super::read::{Request, read_one};
use crate::checkpoint::{ScalarType, TensorInfo, bridge};
use crate::device::{AnyDevice, Cpu};
use crate::error::Result;
use crate::tensor::Tensor;

/// One tensor of a state dict. Nothing is read from the file until [`read`](Self::read), and cloning is cheap.
#[derive(Clone, Debug)]
pub struct Entry {
    key: Arc<str>,
    data: Data,
    /// Where an untyped `map_location` has put it, instead of where it was saved.
    mapped: Option<Arc<str>>,
    /// The key of the entry that it is the same tensor as, because the model says so with `#[module(tied = "..")]`.
    tied: Option<Arc<str>>,
    /// What the elements are in the file, if they are read as those of a wider type.
    narrow: Option<ScalarType>,
}

#[derive(Clone, Debug)]
pub(super) enum Data {
    /// In a checkpoint.
    File(Arc<TensorInfo>),
    /// A model's own tensor, and its dtype in PyTorch's words.
    Memory(candle_core::Tensor, ScalarType),
    /// A line of a manifest: it is compared, and there is nothing to read.
    Described(ScalarType, Vec<usize>),
}

/// What the entries of one state dict that share memory have in common: they were views of one storage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageId {
    /// Its number in the file, or its address.
    id: usize,
    /// The address of the open file, 0 for memory: a merged state dict has entries of several files.
    file: usize,
}

impl std::fmt::Debug for StorageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("StorageId").field(&self.id).finish()
    }
}

/// What two entries have in common that are the same part of the same storage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct View<'e> {
    storage: StorageId,
    dtype: ScalarType,
    offset: usize,
    shape: &'e [usize],
    strides: &'e [usize],
}

impl Entry {
    pub(crate) fn of_file(key: &str, tensor: Arc<TensorInfo>) -> Self {
        Self { key: key.into(), data: Data::File(tensor), mapped: None, tied: None, narrow: None }
    }

    /// # Errors
    ///
    /// A dtype that no file format has.
    pub(crate) fn of_memory(key: &str, tensor: candle_core::Tensor) -> Result<Self> {
        let dtype = bridge::scalar_type(tensor.dtype()).map_err(|error| error.at(key))?;
        Ok(Self { key: key.into(), data: Data::Memory(tensor, dtype), mapped: None, tied: None, narrow: None })
    }

    pub(super) fn described(key: &str, dtype: ScalarType, shape: &[usize]) -> Self {
        Self { key: key.into(), data: Data::Described(dtype, shape.to_vec()), mapped: None, tied: None, narrow: None }
    }

    /// The same entry with wider elements than `from`, which the file has.
    pub(super) fn set_wide(&mut self, data: Data, from: ScalarType) {
        (self.data, self.narrow) = (data, Some(from));
    }

    /// The element type in the file, also after [`StateDict::widen`](super::StateDict::widen).
    pub(super) fn stored_as(&self) -> ScalarType {
        self.narrow.unwrap_or_else(|| self.dtype())
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }

    pub(super) fn mapped_to(&self, location: &str) -> Self {
        Self { mapped: Some(location.into()), ..self.clone() }
    }

    /// `rename` says what becomes of the key that it is tied to.
    pub(super) fn renamed(&self, key: &str, rename: impl FnOnce(&str) -> String) -> Self {
        let tied = self.tied.as_deref().map(|target| rename(target).into());
        Self { key: key.into(), tied, ..self.clone() }
    }

    pub(super) fn tied_to(self, target: &str) -> Self {
        Self { tied: Some(target.into()), ..self }
    }

    /// The key of the entry that it is the same tensor as, if the model declares it so.
    pub(super) fn tied(&self) -> Option<&str> {
        self.tied.as_deref()
    }

    /// Its name in the state dict.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The size of each dimension; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        match &self.data {
            Data::File(tensor) => tensor.shape(),
            Data::Memory(tensor, _) => tensor.dims(),
            Data::Described(_, shape) => shape,
        }
    }

    /// The element type as the file has it, which can be one that candle lacks; after
    /// [`StateDict::widen`](super::StateDict::widen), the wider one.
    pub fn dtype(&self) -> ScalarType {
        match &self.data {
            Data::File(tensor) => tensor.dtype(),
            Data::Memory(_, dtype) | Data::Described(dtype, _) => *dtype,
        }
    }

    /// The device that the tensor was on when it was saved, as the file spells it (`cuda:0`), unless
    /// [`StateDict::map_location`](super::StateDict::map_location) has mapped it. Loading a model does not depend on it.
    pub fn location(&self) -> String {
        match (&self.mapped, &self.data) {
            (Some(location), _) => location.to_string(),
            (None, Data::File(tensor)) => tensor.location().to_owned(),
            (None, Data::Memory(tensor, _)) => AnyDevice::of(tensor.device()).location(),
            (None, Data::Described(..)) => "meta".to_owned(),
        }
    }

    /// Whether autograd tracked the tensor when it was saved. `state_dict()` detaches, so its entries say no.
    pub fn requires_grad(&self) -> bool {
        match &self.data {
            Data::File(tensor) => tensor.requires_grad(),
            Data::Memory(tensor, _) => tensor.is_variable(),
            Data::Described(..) => false,
        }
    }

    /// Equal for entries of this state dict that share memory; ids of a file that was opened twice differ.
    pub fn storage_id(&self) -> StorageId {
        match &self.data {
            Data::File(tensor) => {
                let storage = tensor.storage();
                StorageId { id: storage.id(), file: std::ptr::from_ref(storage.source()).addr() }
            }
            Data::Memory(tensor, _) => {
                StorageId { id: std::ptr::from_ref(&*tensor.storage_and_layout().0).addr(), file: 0 }
            }
            Data::Described(..) => StorageId { id: std::ptr::from_ref(self).addr(), file: 0 },
        }
    }

    /// The part of the storage that it is.
    pub(super) fn view(&self) -> View<'_> {
        let (offset, strides) = match &self.data {
            Data::File(tensor) => (tensor.offset(), tensor.strides()),
            Data::Memory(tensor, _) => (tensor.layout().start_offset(), tensor.stride()),
            Data::Described(..) => (0, [].as_slice()),
        };
        View { storage: self.storage_id(), dtype: self.dtype(), offset, shape: self.shape(), strides }
    }

    /// Reads the tensor into the CPU's memory; a `bool` becomes a `u8`, every other dtype stays.
    ///
    /// # Errors
    ///
    /// The file cannot be read or has changed since it was opened, or candle lacks the dtype.
    pub fn read(&self) -> Result<Tensor<Cpu>> {
        let dtype = bridge::dtype(self.dtype()).map_err(|error| error.at(&self.key))?;
        let request = Request { entry: self, dtype, device: AnyDevice::Cpu, as_variable: false };
        Tensor::try_from_candle(read_one(request)?)
    }
}
