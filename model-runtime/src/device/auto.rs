//! [`Auto`]: this process's device, chosen once at run time.

use std::env;

use super::{AnyDevice, Compute, Device, DeviceError, Slot, Tag, handle};

/// The environment variable that chooses the device where the program does not.
const VARIABLE: &str = "MODEL_DEVICE";

static AUTO: Slot = Slot::with_default("Auto", |_| default());

/// This process's device, chosen once at run time.
///
/// In order: what [`Auto::select`] was given, the environment variable `MODEL_DEVICE` (`cpu`, `cuda:1`, ...), the best
/// there is (`cuda:0`, `metal:0`, `cpu`). The first use decides.
///
/// `Tensor<Auto>` and `Tensor<Cpu>` are different types also on a laptop without a GPU: code that forgets a move fails
/// to compile there, and not first on the machine with the GPU.
///
/// ```
/// use model_runtime::prelude::*;
///
/// Auto::select("cpu")?;
/// let x = Tensor::from_vec(vec![1f32, 2.0], 2, Cpu)?;
/// let x = x.to(Auto)?;
/// assert_eq!(x.to_vec1::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Auto;

impl Auto {
    /// Binds `Auto` to a device: a name such as `"cuda:1"`, or an [`AnyDevice`].
    ///
    /// # Errors
    ///
    /// A name that is none, a device that is not available, or a process in which `Auto` is another device already.
    pub fn select<A>(device: A) -> Result<AnyDevice, DeviceError>
    where
        A: TryInto<AnyDevice>,
        DeviceError: From<A::Error>,
    {
        AUTO.select(device)
    }

    /// The device that `Auto` is in this process; decides it if nothing has yet.
    ///
    /// # Errors
    ///
    /// `MODEL_DEVICE` names no device, or one that is not available.
    pub fn device() -> Result<AnyDevice, DeviceError> {
        AUTO.get()
    }
}

impl Device for Auto {
    fn __tag() -> Tag {
        Tag::Slot(&AUTO)
    }
}

impl Compute for Auto {}

fn default() -> Result<AnyDevice, DeviceError> {
    match env::var_os(VARIABLE) {
        Some(name) if !name.is_empty() => from_variable(&name.to_string_lossy()),
        _ => Ok(AnyDevice::best()),
    }
}

/// The device that the variable names; a wrong or absent one is an error, never another device.
fn from_variable(name: &str) -> Result<AnyDevice, DeviceError> {
    name.parse()
        .and_then(|device| handle::of(device).map(|_| device))
        .map_err(|source| DeviceError::Variable { variable: VARIABLE, source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_must_name_a_device_that_is_there() {
        assert_eq!(from_variable("cpu").unwrap(), AnyDevice::Cpu);
        for name in ["gpu", "cuda:4096"] {
            let message = from_variable(name).unwrap_err().to_string();
            assert!(message.starts_with("environment variable `MODEL_DEVICE`: "), "{message}");
            assert!(message.contains(name), "{message}");
        }
    }
}
