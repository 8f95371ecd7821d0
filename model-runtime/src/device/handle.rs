//! One candle handle per device and process.
//!
//! candle treats two handles of one GPU as two devices: moving between them copies, and on Metal it fails. Equal types
//! must mean equal handles, so every handle comes from this table.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{AnyDevice, DeviceError, cuda, metal};

static HANDLES: Mutex<BTreeMap<AnyDevice, candle_core::Device>> = Mutex::new(BTreeMap::new());

/// The process-wide handle of `device`, opened on first use.
///
/// # Errors
///
/// The backend is not compiled in, no such device exists, or it does not open.
pub(crate) fn of(device: AnyDevice) -> Result<candle_core::Device, DeviceError> {
    let open = match device {
        AnyDevice::Cpu => return Ok(candle_core::Device::Cpu),
        AnyDevice::Cuda(_) => cuda::open,
        AnyDevice::Metal(_) => metal::open,
    };
    // The table is only ever added to, so a panic elsewhere cannot have left it half written.
    let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = handles.get(&device) {
        return Ok(handle.clone());
    }
    let handle = open(device)?;
    handles.insert(device, handle.clone());
    Ok(handle)
}

/// The ordinal of a device that is not the CPU.
#[cfg(any(feature = "cuda", feature = "metal"))]
pub(super) fn ordinal(device: AnyDevice) -> usize {
    match device {
        AnyDevice::Cpu => 0,
        AnyDevice::Cuda(ordinal) | AnyDevice::Metal(ordinal) => ordinal,
    }
}

/// Checks an ordinal against the number of devices that a backend found.
#[cfg(any(feature = "cuda", feature = "metal"))]
pub(super) fn check_ordinal(device: AnyDevice, backend: &'static str, count: usize) -> Result<usize, DeviceError> {
    let ordinal = ordinal(device);
    match count {
        0 => Err(DeviceError::NoDevice { device: device.to_string(), backend }),
        _ if ordinal >= count => {
            Err(DeviceError::OrdinalOutOfRange { device: device.to_string(), backend, ordinal, count })
        }
        _ => Ok(ordinal),
    }
}
