//! Stands in for `cuda.rs` in a build without the feature `cuda`.

use super::{AnyDevice, DeviceError};

/// Says which feature is missing.
pub(super) fn open(device: AnyDevice) -> Result<candle_core::Device, DeviceError> {
    Err(DeviceError::NotCompiledIn { device: device.to_string(), feature: "cuda" })
}
