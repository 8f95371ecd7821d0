//! Opens CUDA devices; compiled with the feature `cuda`.

use candle_core::cuda_backend::cudarc::driver::CudaContext;
use candle_core::cuda_backend::cudarc::driver::sys::CUresult;

use super::handle::check_ordinal;
use super::{AnyDevice, DeviceError};

/// Opens a CUDA device.
///
/// # Errors
///
/// No device was found, the ordinal is too large, or the driver refuses.
pub(super) fn open(device: AnyDevice) -> Result<candle_core::Device, DeviceError> {
    let refused = |source| DeviceError::Open { device: device.to_string(), source: Box::new(source) };
    let count = match CudaContext::device_count() {
        Ok(count) => usize::try_from(count).unwrap_or(0),
        // A driver without any device says so in an error, not by counting to zero.
        Err(error) if error.0 == CUresult::CUDA_ERROR_NO_DEVICE => 0,
        Err(error) => return Err(refused(candle_core::Error::wrap(error))),
    };
    candle_core::Device::new_cuda(check_ordinal(device, "CUDA", count)?).map_err(refused)
}
