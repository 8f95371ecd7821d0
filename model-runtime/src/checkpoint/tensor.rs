//! One tensor of a checkpoint: type, shape and strides over a storage, validated when the file is opened.

mod bounds;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Weak};

use bounds::{byte_range, check_element_type, check_rank, check_requires_grad, nonzero_product, overflow};

use super::error::{CheckpointError, Result};
use super::gather;
use super::scalar_type::{ScalarType, StorageClass};
use super::source::Source;
use super::storage::{NewStorage, Storage, StorageView};
use super::value::{Attributes, Value};

pub(crate) use bounds::contiguous_strides;

/// The device whose tensors have no data.
const META: &str = "meta";

/// A tensor as the file describes it. Holding it costs nothing: the bytes stay in the file until they are read.
///
/// Sizes and strides were checked when the file was opened: every element lies inside the storage, and no product
/// of them overflows.
#[derive(Clone)]
pub struct TensorInfo {
    dtype: ScalarType,
    shape: Vec<usize>,
    strides: Vec<usize>,
    offset: usize,
    storage: Arc<Storage>,
    requires_grad: bool,
    is_parameter: bool,
    is_meta: bool,
    /// What Python code added to it.
    extras: Option<Arc<Attributes>>,
    /// First byte in the storage, and bytes up to the end of the last element (zero for an empty tensor).
    start: usize,
    extent: usize,
    nbytes: usize,
}

/// The numbers of a tensor as they stand in the file, before anything is checked.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) dtype: ScalarType,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<usize>,
    /// In elements, from the start of the view.
    pub(crate) offset: usize,
}

impl TensorInfo {
    pub(crate) fn new(layout: Layout, view: &StorageView, requires_grad: bool) -> Result<Self> {
        let Layout { dtype, shape, strides, offset } = layout;
        check_rank(&shape, &strides, view.storage.source().limits().rank)?;
        check_element_type(dtype, view)?;
        check_requires_grad(dtype, requires_grad)?;
        let size = dtype.itemsize();
        let nbytes =
            nonzero_product(&shape).and_then(|n| n.checked_mul(size)).ok_or_else(|| overflow(&shape, &strides))?;
        let nbytes = if shape.contains(&0) { 0 } else { nbytes };
        let (first, extent) = byte_range(size, &shape, &strides, offset).ok_or_else(|| overflow(&shape, &strides))?;
        let out_of_bounds = nbytes > 0 && first.checked_add(extent).is_none_or(|end| end > view.nbytes);
        if out_of_bounds {
            let error = CheckpointError::damaged("the tensor reaches past the end of its storage");
            let error =
                error.expected(format_args!("at most {} bytes in storage `{}`", view.nbytes, view.storage.key()));
            return Err(error.got(format_args!("shape {shape:?}, strides {strides:?}, offset {offset} of {dtype}")));
        }
        let start = view.start.checked_add(first).ok_or_else(|| overflow(&shape, &strides))?;
        if !view.start.is_multiple_of(size) {
            return Err(CheckpointError::damaged("a view of a storage starts inside an element")
                .got(format_args!("byte {}", view.start)));
        }
        let offset = start / size;
        let (extent, storage) = (if nbytes == 0 { 0 } else { extent }, Arc::clone(&view.storage));
        Ok(Self {
            dtype,
            shape,
            strides,
            offset,
            storage,
            requires_grad,
            is_parameter: false,
            is_meta: false,
            extras: None,
            start,
            extent,
            nbytes,
        })
    }

    /// A tensor of the meta device, which has a shape and no bytes.
    pub(crate) fn meta(layout: Layout, source: &Arc<Source>, requires_grad: bool) -> Result<Self> {
        let Layout { dtype, shape, strides, .. } = &layout;
        check_rank(shape, strides, source.limits().rank)?;
        let extent = byte_range(dtype.itemsize(), shape, strides, 0).ok_or_else(|| overflow(shape, strides))?.1;
        let nbytes = if shape.contains(&0) { 0 } else { extent };
        let class = StorageClass::Typed(*dtype);
        let storage = Arc::new_cyclic(|storage: &Weak<Storage>| {
            // The file does not number it, and no two share it.
            let (id, source) = (storage.as_ptr().addr(), Arc::clone(source));
            let (key, location) = (META.into(), META.into());
            Storage::new(NewStorage { id, key, location, class, nbytes, big_endian: false, source })
        });
        let tensor = Self::new(layout, &StorageView::whole(storage, class), requires_grad)?;
        Ok(Self { is_meta: true, ..tensor })
    }

    /// Whether this is a tensor of the meta device: reading its bytes is an error.
    pub fn is_meta(&self) -> bool {
        self.is_meta
    }

    /// The same tensor as `torch.nn.Parameter(tensor, requires_grad)`.
    pub(crate) fn into_parameter(mut self, requires_grad: bool) -> Result<Self> {
        check_requires_grad(self.dtype, requires_grad)?;
        self.requires_grad = requires_grad;
        self.is_parameter = true;
        Ok(self)
    }

    /// The same tensor with what Python code added to it.
    pub(crate) fn with_extras(self, extras: Attributes) -> Self {
        Self { extras: Some(Arc::new(extras)), ..self }
    }

    /// What Python code added to it.
    pub(crate) fn extras(&self) -> Option<&Attributes> {
        self.extras.as_deref()
    }

    /// What Python code added to it, if nobody else holds it.
    pub(crate) fn into_extras(self) -> Option<Attributes> {
        self.extras.and_then(Arc::into_inner)
    }

    /// The same view of `storage`, which is this one with another location.
    pub(crate) fn relocated(&self, storage: Arc<Storage>) -> Self {
        Self { storage, ..self.clone() }
    }

    /// The type of the elements.
    pub fn dtype(&self) -> ScalarType {
        self.dtype
    }

    /// The size of each dimension; empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The step of each dimension in the storage, in elements.
    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// The first element in the storage, in elements.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The storage, shared with every tensor that views the same memory.
    pub fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    /// The device that the tensor was on when it was saved, as the file spells it.
    pub fn location(&self) -> &str {
        self.storage.location()
    }

    /// Whether autograd tracked the tensor when it was saved.
    pub fn requires_grad(&self) -> bool {
        self.requires_grad
    }

    /// Whether it was saved as a `torch.nn.Parameter`. The tensors of a `state_dict()` are not: it detaches them.
    pub fn is_parameter(&self) -> bool {
        self.is_parameter
    }

    /// The attributes that Python code set on the tensor or on the parameter around it, in most cases a dict.
    pub fn attributes(&self) -> Option<&Value> {
        self.extras().and_then(Attributes::set)
    }

    /// The class of a tensor subclass, as `module.name`; `None` for a plain tensor or parameter. Its attributes are the
    /// subclass's own.
    pub fn class(&self) -> Option<&str> {
        self.extras().and_then(Attributes::class_name)
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.nbytes / self.dtype.itemsize()
    }

    /// The number of bytes of the elements, each once: what [`TensorInfo::read_bytes`] returns.
    pub fn nbytes(&self) -> usize {
        self.nbytes
    }

    /// Whether the elements lie in the storage one after the other, in row-major order.
    pub fn is_contiguous(&self) -> bool {
        let mut step = 1;
        let row_major = self.shape.iter().zip(&self.strides).rev().all(|(&dim, &stride)| {
            let fits = dim == 1 || stride == step;
            step *= dim.max(1);
            fits
        });
        self.nbytes == 0 || row_major
    }

    /// The elements in row-major order, little-endian, read from the file.
    ///
    /// # Errors
    /// If the file cannot be read or fails its checksum, or if the tensor was expanded to more than
    /// [`Limits::expanded_bytes`](super::Limits::expanded_bytes).
    pub fn read_bytes(&self) -> Result<Vec<u8>> {
        self.check_expansion()?;
        if self.nbytes == 0 {
            return Ok(Vec::new());
        }
        if self.is_contiguous() && self.nbytes == self.storage.nbytes() {
            return self.storage.read();
        }
        self.storage.verify()?;
        let mut window = vec![0; self.extent];
        self.storage.read_into(self.start, &mut window)?;
        if self.is_contiguous() { Ok(window) } else { self.rows(&window) }
    }

    /// The elements in row-major order, taken from `storage`: the bytes that [`Storage::read`] returned.
    ///
    /// This is how many tensors of one storage are read without reading it again for each.
    ///
    /// # Errors
    /// If `storage` has another length than this tensor's storage, or the tensor was expanded beyond the limit.
    pub fn gather(&self, storage: &[u8]) -> Result<Vec<u8>> {
        self.check_expansion()?;
        if storage.len() != self.storage.nbytes() {
            let error = CheckpointError::argument("these are not the bytes of the tensor's storage");
            return Err(error.expected(format_args!("{} bytes", self.storage.nbytes())).got(storage.len()));
        }
        let window =
            self.start.checked_add(self.extent).and_then(|end| storage.get(self.start..end)).unwrap_or_default();
        if self.is_contiguous() { Ok(window.to_vec()) } else { self.rows(window) }
    }

    fn rows(&self, window: &[u8]) -> Result<Vec<u8>> {
        let unproven = || CheckpointError::damaged("the tensor reaches past the end of its storage");
        gather::rows(window, self.dtype.itemsize(), &self.shape, &self.strides, self.nbytes).ok_or_else(unproven)
    }

    /// The bytes of the storage from the first element to the last one.
    pub(crate) fn byte_range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.extent)
    }

    pub(crate) fn check_expansion(&self) -> Result<()> {
        let limit = self.storage.source().limits().expanded_bytes;
        let nbytes = u64::try_from(self.nbytes).unwrap_or(u64::MAX);
        if self.nbytes <= self.storage.nbytes() || nbytes <= limit {
            return Ok(());
        }
        let error =
            CheckpointError::limit("the tensor was expanded far beyond its storage", "expanded_bytes", limit, nbytes);
        Err(error.in_file(self.storage.source().name()))
    }
}

impl fmt::Debug for TensorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TensorInfo")
            .field("dtype", &self.dtype)
            .field("shape", &self.shape)
            .field("strides", &self.strides)
            .field("offset", &self.offset)
            .field("storage", &self.storage.id())
            .field("requires_grad", &self.requires_grad)
            .field("is_parameter", &self.is_parameter)
            .finish()
    }
}
