//! [`AnyDevice`]: a device as a run-time value, parsed from PyTorch's notation.

use std::fmt;
use std::str::FromStr;

use super::{DeviceError, handle};

/// A device that computes, as a run-time value: what a `--device` flag parses to.
///
/// Corresponds to [`torch.device`](https://docs.pytorch.org/docs/stable/tensor_attributes.html#torch.device).
///
/// ```
/// use model_runtime::AnyDevice;
///
/// let device: AnyDevice = "cuda:1".parse()?;
/// assert_eq!(device, AnyDevice::Cuda(1));
/// assert_eq!(device.to_string(), "cuda:1");
/// assert_eq!("cuda".parse::<AnyDevice>()?, AnyDevice::Cuda(0));
/// # Ok::<(), model_runtime::device::DeviceError>(())
/// ```
// Callers dispatch on every kind there is, so a new one must break them: not `non_exhaustive`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnyDevice {
    /// The processor.
    Cpu,
    /// The CUDA device with this ordinal.
    Cuda(usize),
    /// The Metal device with this ordinal.
    Metal(usize),
}

impl AnyDevice {
    /// The best device of this process: `cuda:0`, else `metal:0`, else the CPU.
    ///
    /// A device whose feature is not compiled in, or that this machine does not have, is passed over. One that is there
    /// and does not open is still the best: using it says why it does not.
    pub fn best() -> Self {
        let absent = |error| matches!(error, DeviceError::NotCompiledIn { .. } | DeviceError::NoDevice { .. });
        let is_there = |device: &Self| !handle::of(*device).is_err_and(absent);
        [Self::Cuda(0), Self::Metal(0)].into_iter().find(is_there).unwrap_or(Self::Cpu)
    }

    /// Whether this process can use the device: its feature is compiled in and it opens.
    pub fn is_available(self) -> bool {
        handle::of(self).is_ok()
    }

    /// The location tag that PyTorch writes into files for storages on this device: `cpu`, `cuda:1`, `mps`.
    pub fn location(self) -> String {
        match self {
            Self::Metal(_) => "mps".to_owned(),
            other => other.to_string(),
        }
    }

    /// The device of a candle tensor.
    pub(crate) fn of(device: &candle_core::Device) -> Self {
        match device.location() {
            candle_core::DeviceLocation::Cpu => Self::Cpu,
            candle_core::DeviceLocation::Cuda { gpu_id } => Self::Cuda(gpu_id),
            candle_core::DeviceLocation::Metal { gpu_id } => Self::Metal(gpu_id),
        }
    }
}

impl fmt::Display for AnyDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(ordinal) => write!(f, "cuda:{ordinal}"),
            Self::Metal(ordinal) => write!(f, "metal:{ordinal}"),
        }
    }
}

/// Parses `cpu`, `cuda`, `cuda:N`, `mps`, `metal`, `metal:N`; without a number the ordinal is 0.
impl FromStr for AnyDevice {
    type Err = DeviceError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let invalid = || DeviceError::InvalidName { name: name.to_owned() };
        let (kind, ordinal) = match name.split_once(':') {
            Some((kind, digits)) => (kind, ordinal(digits).ok_or_else(invalid)?),
            None => (name, 0),
        };
        match kind {
            "cpu" if ordinal == 0 => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(ordinal)),
            "metal" | "mps" => Ok(Self::Metal(ordinal)),
            _ => Err(invalid()),
        }
    }
}

/// Decimal digits, without a sign and without leading zeros.
fn ordinal(digits: &str) -> Option<usize> {
    let ordinal: usize = digits.parse().ok()?;
    (ordinal.to_string() == digits).then_some(ordinal)
}

impl TryFrom<&str> for AnyDevice {
    type Error = DeviceError;

    fn try_from(name: &str) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl TryFrom<&String> for AnyDevice {
    type Error = DeviceError;

    fn try_from(name: &String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_as_pytorch_writes_them() {
        for (name, device) in [
            ("cpu", AnyDevice::Cpu),
            ("cpu:0", AnyDevice::Cpu),
            ("cuda", AnyDevice::Cuda(0)),
            ("cuda:3", AnyDevice::Cuda(3)),
            ("mps", AnyDevice::Metal(0)),
            ("metal:1", AnyDevice::Metal(1)),
        ] {
            assert_eq!(name.parse::<AnyDevice>().unwrap(), device);
        }
    }

    #[test]
    fn a_bad_name_is_refused_with_the_names_that_are_accepted() {
        for name in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:01", "CUDA", "cpu:1", "cuda:0:0"] {
            let message = name.parse::<AnyDevice>().unwrap_err().to_string();
            assert!(message.contains("expected `cpu`, `cuda`, `cuda:N`"), "{message}");
        }
    }
}
