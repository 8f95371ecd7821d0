//! Comparisons, element by element, and the choice between two tensors.
//!
//! The result has the shape of the operands and dtype `u8`: 1 where the comparison holds, else 0.

use candle_core::op::CmpOp;

use super::operand::TensorOrScalar;
use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Is each element equal to `rhs`: a tensor of the same shape, or a number, which is converted to this dtype first?
    ///
    #[doc = torch!("eq")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[1f32, 2.0, 3.0], Cpu)?;
    /// assert_eq!(x.eq(2.0)?.to_vec1::<u8>()?, [0, 1, 0]);
    /// assert_eq!(x.eq(&x)?.to_vec1::<u8>()?, [1, 1, 1]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn eq(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.eq(rhs.value())?))
    }

    /// Is each element different from `rhs`, a tensor of the same shape or a number?
    ///
    #[doc = torch!("ne")]
    #[inline]
    pub fn ne(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.ne(rhs.value())?))
    }

    /// Is each element less than `rhs`, a tensor of the same shape or a number?
    ///
    #[doc = torch!("lt")]
    #[inline]
    pub fn lt(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.lt(rhs.value())?))
    }

    /// Is each element less than or equal to `rhs`, a tensor of the same shape or a number?
    ///
    #[doc = torch!("le")]
    #[inline]
    pub fn le(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.le(rhs.value())?))
    }

    /// Is each element greater than `rhs`, a tensor of the same shape or a number?
    ///
    #[doc = torch!("gt")]
    #[inline]
    pub fn gt(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.gt(rhs.value())?))
    }

    /// Is each element greater than or equal to `rhs`, a tensor of the same shape or a number?
    ///
    #[doc = torch!("ge")]
    #[inline]
    pub fn ge(&self, rhs: impl TensorOrScalar<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.ge(rhs.value())?))
    }

    /// Are the elements equal, stretching dimensions of size 1?
    ///
    #[doc = torch!("eq")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let ids = Tensor::new(&[2u32, 0], Cpu)?;
    /// let classes = Tensor::arange(0u32, 3, Cpu)?;
    /// let one_hot = ids.unsqueeze(1)?.broadcast_eq(&classes)?;
    /// assert_eq!(one_hot.to_vec2::<u8>()?, [[0, 0, 1], [1, 0, 0]]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn broadcast_eq(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_eq(rhs.operand())?))
    }

    /// Are the elements different, stretching dimensions of size 1?
    ///
    #[doc = torch!("ne")]
    #[inline]
    pub fn broadcast_ne(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_ne(rhs.operand())?))
    }

    /// Is each element less than that of `rhs`, stretching dimensions of size 1?
    ///
    #[doc = torch!("lt")]
    #[inline]
    pub fn broadcast_lt(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_lt(rhs.operand())?))
    }

    /// Is each element less than or equal to that of `rhs`, stretching dimensions of size 1?
    ///
    #[doc = torch!("le")]
    #[inline]
    pub fn broadcast_le(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_le(rhs.operand())?))
    }

    /// Is each element greater than that of `rhs`, stretching dimensions of size 1?
    ///
    #[doc = torch!("gt")]
    #[inline]
    pub fn broadcast_gt(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_gt(rhs.operand())?))
    }

    /// Is each element greater than or equal to that of `rhs`, stretching dimensions of size 1?
    ///
    #[doc = torch!("ge")]
    #[inline]
    pub fn broadcast_ge(&self, rhs: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.broadcast_ge(rhs.operand())?))
    }

    /// Compares each element with `rhs`, a tensor of the same shape or a number, by a comparison chosen at run time.
    #[inline]
    pub fn cmp(&self, rhs: impl TensorOrScalar<D>, op: CmpOp) -> Result<Self> {
        Ok(Self::wrap(self.inner.cmp(rhs.value(), op)?))
    }

    /// Takes elements of `on_true` where this tensor is not zero, and of `on_false` elsewhere.
    ///
    /// All three have one shape; `self` is `u8`, `u32` or `i64`, and the others share a dtype.
    ///
    #[doc = torch!("where")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[-1f32, 2.0], Cpu)?;
    /// let relu = x.gt(0.0)?.where_cond(&x, &x.zeros_like()?)?;
    /// assert_eq!(relu.to_vec1::<f32>()?, [0.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    #[inline]
    pub fn where_cond(&self, on_true: &impl OnDevice<D>, on_false: &impl OnDevice<D>) -> Result<Self> {
        Ok(Self::wrap(self.inner.where_cond(on_true.operand(), on_false.operand())?))
    }
}
