//! Operations of your own: candle's `CustomOp1`, `CustomOp2` and `CustomOp3`.
//!
//! An operation allocates its result itself, so its device is checked, unlike that of candle's own operations.

use std::sync::Arc;

use candle_core::{CustomOp1, CustomOp2, CustomOp3, Layout, StorageRef};

use super::{OnDevice, Tensor};
use crate::device::Compute;
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Applies an operation of one tensor.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op1<C: CustomOp1 + Send + Sync + 'static>(&self, op: C) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op1(op)?)
    }

    /// Applies an operation of one tensor that is shared.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op1_arc(&self, op: Arc<Box<dyn CustomOp1 + Send + Sync>>) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op1_arc(op)?)
    }

    /// Applies an operation of one tensor, outside the graph.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op1_no_bwd(&self, op: &impl CustomOp1) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op1_no_bwd(op)?)
    }

    /// Applies an operation of two tensors.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op2<C: CustomOp2 + Send + Sync + 'static>(&self, rhs: &impl OnDevice<D>, op: C) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op2(rhs.operand(), op)?)
    }

    /// Applies an operation of two tensors that is shared.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op2_arc(&self, rhs: &impl OnDevice<D>, op: Arc<Box<dyn CustomOp2 + Send + Sync>>) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op2_arc(rhs.operand(), op)?)
    }

    /// Applies an operation of two tensors, outside the graph.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op2_no_bwd(&self, rhs: &impl OnDevice<D>, op: &impl CustomOp2) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op2_no_bwd(rhs.operand(), op)?)
    }

    /// Applies an operation of three tensors.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op3<C: CustomOp3 + Send + Sync + 'static>(
        &self,
        t2: &impl OnDevice<D>,
        t3: &impl OnDevice<D>,
        op: C,
    ) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op3(t2.operand(), t3.operand(), op)?)
    }

    /// Applies an operation of three tensors that is shared.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op3_arc(
        &self,
        t2: &impl OnDevice<D>,
        t3: &impl OnDevice<D>,
        op: Arc<Box<dyn CustomOp3 + Send + Sync>>,
    ) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op3_arc(t2.operand(), t3.operand(), op)?)
    }

    /// Applies an operation of three tensors, outside the graph.
    ///
    /// # Errors
    ///
    /// What the operation returns, or a result on another device.
    pub fn apply_op3_no_bwd(&self, t2: &impl OnDevice<D>, t3: &impl OnDevice<D>, op: &impl CustomOp3) -> Result<Self> {
        Self::try_from_candle(self.inner.apply_op3_no_bwd(t2.operand(), t3.operand(), op)?)
    }

    /// The storage, locked for reading, and the layout of this tensor in it.
    #[inline]
    pub fn storage_and_layout(&self) -> (StorageRef<'_>, &Layout) {
        self.inner.storage_and_layout()
    }
}
