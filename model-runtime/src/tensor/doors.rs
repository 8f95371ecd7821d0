//! The checked doors between [`Tensor<D>`] and [`candle_core::Tensor`], and the move between devices.

use super::Tensor;
use crate::device::{self, AnyDevice, Compute, Device, DeviceError};
use crate::error::Result;

impl<D: Compute> Tensor<D> {
    /// Tags a candle tensor, after checking that it is where the tag says.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let candle = candle_core::Tensor::zeros((2, 3), DType::F32, &candle_core::Device::Cpu)?;
    /// let x = Tensor::<Cpu>::try_from_candle(candle)?;
    /// assert_eq!(x.dims(), [2, 3]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The tensor is on another device, or on another candle handle of the same device.
    pub fn try_from_candle(tensor: candle_core::Tensor) -> Result<Self> {
        check_device::<D>(&tensor)?;
        Ok(Self::wrap(tensor))
    }

    /// Runs a function of candle tensors, and checks that the result is still on the device.
    ///
    /// The door for existing candle code and for operations that this type lacks.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::from_vec(vec![0f32, 1.0], 2, Cpu)?;
    /// let y = x.map_candle(|x| candle_nn::ops::softmax(x, 0))?;
    /// assert_eq!(y.dims(), [2]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the function returns, or a result on another device.
    pub fn map_candle(
        &self,
        function: impl FnOnce(&candle_core::Tensor) -> candle_core::Result<candle_core::Tensor>,
    ) -> Result<Self> {
        Self::try_from_candle(function(&self.inner)?)
    }

    /// Returns this tensor on another device; `self` stays where it is. On the same device nothing is copied.
    ///
    /// Corresponds to [`torch.Tensor.to`](https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html).
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    #[must_use = "`to` returns a new tensor and leaves this one where it is: `let x = x.to(device)?`"]
    pub fn to<E: Compute>(&self, device: E) -> Result<Tensor<E>> {
        let _ = device;
        Ok(Tensor::wrap(self.inner.to_device(&handle::<E>()?)?))
    }

    /// The tag of this tensor's device.
    #[inline]
    pub fn device(&self) -> D {
        D::default()
    }

    /// The name of this tensor's device in PyTorch's words: `cpu`, `cuda:0`.
    pub fn device_name(&self) -> String {
        device::name::<D>()
    }
}

impl<D: Device> Tensor<D> {
    /// The candle tensor, borrowed.
    #[inline]
    pub fn as_candle(&self) -> &candle_core::Tensor {
        &self.inner
    }

    /// The candle tensor. The tag is gone, and with it the check.
    #[inline]
    pub fn into_candle(self) -> candle_core::Tensor {
        self.inner
    }
}

impl<D: Compute> TryFrom<candle_core::Tensor> for Tensor<D> {
    type Error = crate::Error;

    fn try_from(tensor: candle_core::Tensor) -> Result<Self> {
        Self::try_from_candle(tensor)
    }
}

/// The candle handle of `D`.
pub(super) fn handle<D: Compute>() -> Result<candle_core::Device, DeviceError> {
    device::handle_of::<D>()
}

/// The one check that a candle tensor is where a type says.
fn check_device<D: Compute>(tensor: &candle_core::Tensor) -> Result<(), DeviceError> {
    if tensor.device().same_device(&handle::<D>()?) {
        return Ok(());
    }
    let got = AnyDevice::of(tensor.device()).to_string();
    let expected = device::name::<D>();
    let got = if got == expected { format!("another handle of {got}") } else { got };
    Err(DeviceError::Mismatch { expected, got })
}
