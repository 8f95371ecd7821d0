//! Parts of a tensor: [`i`](Tensor::i), `narrow`, `chunk`, `get`.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use candle_core::shape::Dim;
use candle_core::{IndexOp, TensorIndexer};

use super::gather::numbers;
use super::{OnDevice, Tensor, on_device::Operand};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Takes a part, by one index for the first dimension or a tuple of up to seven.
    ///
    /// A number picks one place and removes the dimension; a range keeps it; `&[u32]`, `Vec<u32>` or `&ids`, a tensor of
    /// one dimension on the same device, pick several. Numbers and ranges make views.
    ///
    /// Corresponds to PyTorch's `x[...]`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[[0f32, 1.0, 2.0], [3.0, 4.0, 5.0]], Cpu)?;
    /// assert_eq!(x.i(1)?.to_vec1::<f32>()?, [3.0, 4.0, 5.0]);
    /// assert_eq!(x.i((.., 0))?.to_vec1::<f32>()?, [0.0, 3.0]);
    /// assert_eq!(x.i((.., 1..))?.to_vec2::<f32>()?, [[1.0, 2.0], [4.0, 5.0]]);
    /// assert_eq!(x.i((0, vec![2, 0]))?.to_vec1::<f32>()?, [2.0, 0.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// More indices than dimensions, or an index past the end.
    #[inline]
    pub fn i(&self, index: impl Index<D>) -> Result<Self> {
        Ok(Self::wrap(index.of(&self.inner)?))
    }

    /// Takes the places `start..start + len` of one dimension, as a view.
    ///
    #[doc = torch!("narrow")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::arange(0f32, 5.0, Cpu)?;
    /// assert_eq!(x.narrow(0, 1, 2)?.to_vec1::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn narrow(&self, dim: impl Dim, start: usize, len: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.narrow(dim, start, len)?))
    }

    /// Splits one dimension into `chunks` parts, as views. The first ones are one longer where it does not divide
    /// (PyTorch makes the last one shorter); a dimension that is too small gives fewer parts.
    ///
    #[doc = torch!("chunk")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let qkv = Tensor::zeros((1, 5, 12), DType::F32, Cpu)?;
    /// let parts = qkv.chunk(3, 2)?;
    /// assert_eq!((parts.len(), parts[0].dims()), (3, &[1, 5, 4][..]));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn chunk(&self, chunks: usize, dim: impl Dim) -> Result<Vec<Self>> {
        Ok(self.inner.chunk(chunks, dim)?.into_iter().map(Self::wrap).collect())
    }

    /// Takes one place of the first dimension, and removes the dimension. A scalar stays as it is.
    ///
    /// Corresponds to `x[index]`.
    #[inline]
    pub fn get(&self, index: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.get(index)?))
    }

    /// Takes one place of a dimension, and removes the dimension.
    ///
    #[doc = torch!("select")]
    #[inline]
    pub fn get_on_dim(&self, dim: impl Dim, index: usize) -> Result<Self> {
        Ok(Self::wrap(self.inner.get_on_dim(dim, index)?))
    }
}

/// An index of one dimension of a tensor on `D`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an index of a tensor on `{D}`",
    label = "not an index",
    note = "an index is a `usize`, a range of them, `&[u32]`, `Vec<u32>`, or `&ids` for a tensor `ids` on the same \
            device; a tuple of indices is for several dimensions",
    note = "move a tensor of indices first: `let ids = ids.to(x.device())?`, where `x` is the tensor that is indexed"
)]
pub trait DimIndex<D: Compute>: sealed::DimIndex {}

/// What [`Tensor::i`] takes: a [`DimIndex`], or a tuple of up to seven.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an index of a tensor on `{D}`",
    label = "not an index",
    note = "an index is a `usize`, a range of them, `&[u32]`, `Vec<u32>`, or `&ids` for a tensor `ids` on the same \
            device; a tuple of indices is for several dimensions",
    note = "move a tensor of indices first: `let ids = ids.to(x.device())?`, where `x` is the tensor that is indexed"
)]
pub trait Index<D: Compute>: sealed::Index {}

/// Keeps the traits to what candle can do, and their methods out of scope.
mod sealed {
    pub trait DimIndex {
        fn indexer(self) -> candle_core::TensorIndexer;
    }

    pub trait Index {
        fn of(self, tensor: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor>;
    }
}

macro_rules! dim_index {
    ($($index:ty)*) => {$(
        impl<D: Compute> DimIndex<D> for $index {}

        impl sealed::DimIndex for $index {
            #[inline]
            fn indexer(self) -> TensorIndexer {
                self.into()
            }
        }
    )*};
}

dim_index! {
    usize Range<usize> RangeFrom<usize> RangeFull RangeInclusive<usize> RangeTo<usize> RangeToInclusive<usize>
    &[u32] Vec<u32>
}

impl<D: Compute, T: OnDevice<D> + ?Sized> DimIndex<D> for &T {}

impl<T: Operand + ?Sized> sealed::DimIndex for &T {
    #[inline]
    fn indexer(self) -> TensorIndexer {
        self.operand().into()
    }
}

impl<D: Compute, T: DimIndex<D>> Index<D> for T {}

impl<T: sealed::DimIndex> sealed::Index for T {
    #[inline]
    fn of(self, tensor: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
        tensor.i(widened(self.indexer())?)
    }
}

/// An indexer whose indices are no bytes: see [`numbers`].
fn widened(indexer: TensorIndexer) -> candle_core::Result<TensorIndexer> {
    Ok(match indexer {
        TensorIndexer::IndexSelect(indexes) => TensorIndexer::IndexSelect(numbers(&indexes)?),
        other => other,
    })
}

macro_rules! index_tuple {
    ($($name:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<D: Compute, $($name: DimIndex<D>),*> Index<D> for ($($name,)*) {}

        impl<$($name: sealed::DimIndex),*> sealed::Index for ($($name,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "a type parameter and its value share a name")]
            fn of(self, tensor: &candle_core::Tensor) -> candle_core::Result<candle_core::Tensor> {
                let ($($name,)*) = self;
                tensor.i(($(widened($name.indexer())?,)*))
            }
        }
    };
}

index_tuple!(A);
index_tuple!(A B);
index_tuple!(A B C);
index_tuple!(A B C E);
index_tuple!(A B C E F);
index_tuple!(A B C E F G);
index_tuple!(A B C E F G H);
