//! Opens Metal devices; compiled with the feature `metal`.

use super::handle::check_ordinal;
use super::{AnyDevice, DeviceError};

/// Opens a Metal device.
///
/// # Errors
///
/// No device was found, the ordinal is too large, or the system refuses.
pub(super) fn open(device: AnyDevice) -> Result<candle_core::Device, DeviceError> {
    // candle indexes the list of devices with the ordinal, and panics past its end.
    let count = candle_metal_kernels::metal::Device::all().len();
    let ordinal = check_ordinal(device, "Metal", count)?;
    candle_core::Device::new_metal(ordinal)
        .map_err(|source| DeviceError::Open { device: device.to_string(), source: Box::new(source) })
}
