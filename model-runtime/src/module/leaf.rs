//! [`Leaf`]: a parameter or buffer without its device in the type, for walks over a model.

use std::fmt;
use std::sync::Arc;

use candle_core::{DType, Shape, Var};

use super::Spec;
use super::data::{Data, Trained};
use crate::device::AnyDevice;
use crate::error::{Error, Result};

/// Whether a leaf is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
// PyTorch has these two, and callers match on both: not `non_exhaustive`.
pub enum LeafKind {
    /// Trained: PyTorch's `nn.Parameter`.
    Parameter,
    /// Part of the state, not trained: PyTorch's `register_buffer`.
    Buffer,
}

/// A parameter or buffer of a model, on whatever device.
///
/// A clone is the same leaf: two fields that hold one are tied. [`Leaf::identity`] tells.
#[derive(Clone)]
pub struct Leaf(Arc<Cell>);

/// What tied leaves share.
struct Cell {
    kind: LeafKind,
    spec: Spec,
    data: Option<Data>,
}

/// What two tied leaves have in common, and no other two that exist at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity(usize);

impl Leaf {
    pub(crate) fn declared(kind: LeafKind, spec: Spec) -> Self {
        Self(Arc::new(Cell { kind, spec, data: None }))
    }

    /// A leaf that has its data already, and no other declaration than that.
    pub(crate) fn loaded(kind: LeafKind, tensor: candle_core::Tensor) -> Self {
        let tensor = tensor.detach();
        let spec = Spec::of_tensor(&tensor);
        Self(Arc::new(Cell { kind, spec, data: Some(Data::new(tensor)) }))
    }

    /// A new leaf of the same declaration, with this data.
    pub(crate) fn with_tensor(&self, tensor: candle_core::Tensor) -> Self {
        Self(Arc::new(Cell { kind: self.0.kind, spec: self.0.spec.clone(), data: Some(Data::new(tensor)) }))
    }

    /// A new leaf of the same declaration, with this data; if that is a variable, the leaf is not trained before it is asked
    /// to be, and then without a copy.
    pub(crate) fn with_loaded(&self, tensor: candle_core::Tensor) -> Self {
        let data = if tensor.is_variable() { Data::trainable(tensor) } else { Data::new(tensor) };
        Self(Arc::new(Cell { kind: self.0.kind, spec: self.0.spec.clone(), data: Some(data) }))
    }

    /// A new leaf of the same declaration with this data, trained if this one is.
    ///
    /// candle's conversions and moves make a plain tensor of a variable, which would no longer be trained.
    pub(crate) fn replaced(&self, plain: candle_core::Tensor) -> Result<Self> {
        let tensor = if self.requires_grad() { Var::from_tensor(&plain)?.into_inner() } else { plain };
        Ok(self.with_tensor(tensor))
    }

    /// A leaf of the same declaration without data, with the shape and dtype that the data had; itself if it has none.
    pub(crate) fn without_data(&self) -> Self {
        let Some(tensor) = self.tensor() else { return self.clone() };
        let spec = Spec { shape: tensor.shape().clone(), dtype: tensor.dtype(), ..self.0.spec.clone() };
        Self::declared(self.0.kind, spec)
    }

    /// A new leaf without data, of another declaration.
    pub(crate) fn redeclared(&self, change: impl FnOnce(Spec) -> Spec) -> Self {
        Self::declared(self.0.kind, change(self.0.spec.clone()))
    }

    /// Whether it is a parameter or a buffer.
    pub fn kind(&self) -> LeafKind {
        self.0.kind
    }

    /// The declaration.
    pub fn spec(&self) -> &Spec {
        &self.0.spec
    }

    /// The shape of the data, or the declared one.
    pub fn shape(&self) -> &Shape {
        self.tensor().map_or(&self.0.spec.shape, candle_core::Tensor::shape)
    }

    /// The dtype of the data, or the declared one.
    pub fn dtype(&self) -> DType {
        self.tensor().map_or(self.0.spec.dtype, candle_core::Tensor::dtype)
    }

    /// The data, if there is any.
    #[inline]
    pub fn tensor(&self) -> Option<&candle_core::Tensor> {
        self.0.data.as_ref().map(Data::tensor)
    }

    /// Where the data is, in PyTorch's words: `cuda:0`, or `meta` where there is none.
    pub fn device_name(&self) -> String {
        self.tensor().map_or("meta".to_owned(), |tensor| AnyDevice::of(tensor.device()).to_string())
    }

    /// Whether it is trained: a parameter that is a candle [`Var`].
    pub fn requires_grad(&self) -> bool {
        self.tensor().is_some_and(candle_core::Tensor::is_variable)
    }

    /// Equal for leaves that are tied, and only for them.
    pub fn identity(&self) -> Identity {
        Identity(Arc::as_ptr(&self.0).addr())
    }

    /// The data, or the error that there is none.
    pub(crate) fn data(&self, key: &str) -> Result<&candle_core::Tensor> {
        self.tensor().ok_or_else(|| Error::NoData { key: key.to_owned() })
    }

    /// The variable of a parameter that is trained. It shares its data with the parameter.
    pub(crate) fn var(&self) -> Result<Option<Var>> {
        match self.tensor() {
            // `from_tensor` hands a variable back as it is.
            Some(tensor) if tensor.is_variable() => Ok(Some(Var::from_tensor(tensor)?)),
            _ => Ok(None),
        }
    }

    /// What [`set_trained`](Self::set_trained) needs to make the leaf a variable, if it has none yet.
    pub(crate) fn prepare_trained(&self) -> Result<Option<Trained>> {
        self.0.data.as_ref().map_or(Ok(None), Data::prepare_trained)
    }

    /// Makes the leaf, and those that it is tied to, a variable or a plain tensor.
    pub(crate) fn set_trained(&mut self, trained: Option<Trained>, requires_grad: bool) {
        if let (Some(cell), Some(trained)) = (Arc::get_mut(&mut self.0), &trained) {
            // Nobody shares it, so the data that the variable was made from can go.
            cell.data = Some(Data::new(trained.var().clone()));
        }
        if let Some(data) = &self.0.data {
            data.set_trained(trained, requires_grad);
        }
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?}, {}, {})", self.kind(), self.shape().dims(), self.dtype().as_str(), self.device_name())
    }
}
