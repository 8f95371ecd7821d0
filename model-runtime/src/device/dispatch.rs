//! [`on_device!`](crate::on_device): from a device chosen at run time to code that is generic over `D: Compute`.

/// Runs generic code on a device that was chosen at run time.
///
/// `on_device!(device, |D| body)` evaluates `body` with `D` as the type of `device`, an [`AnyDevice`](crate::AnyDevice):
/// the CPU always, `Cuda<0>` to `Cuda<7>` in a build with the feature `cuda`, `Metal<0>` in one with `metal`. The body's
/// value must be a `Result` whose error type can hold a [`DeviceError`](crate::device::DeviceError), and must not name
/// `D`. The macro's value is that `Result`.
///
/// The body is compiled once per device. For a single choice per process, [`Auto`](crate::Auto) compiles once.
///
/// A body that fits only one device does not compile, in no build: without the feature `cuda` it is checked for `Cuda<0>`
/// all the same, and never run there. What the body takes from outside must be moved to `D`: `x.to(D::default())?`.
///
/// # Errors
///
/// A device whose backend is not compiled in, or with an ordinal above 7; else what the body returns.
///
/// ```
/// use model_runtime::prelude::*;
///
/// fn sum<D: Compute>() -> Result<f32> {
///     Tensor::ones((2, 3), DType::F32, D::default())?.sum_all()?.to_scalar()
/// }
///
/// let device: AnyDevice = "cpu".parse()?;
/// assert_eq!(on_device!(device, |D| sum::<D>())?, 6.0);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[macro_export]
macro_rules! on_device {
    ($device:expr, |$tag:ident| $body:expr $(,)?) => {
        match $device {
            $crate::AnyDevice::Cpu => {
                type $tag = $crate::Cpu;
                $body
            }
            $crate::AnyDevice::Cuda(ordinal) => {
                $crate::__on_cuda!(ordinal, $tag, $body)
            }
            $crate::AnyDevice::Metal(ordinal) => {
                $crate::__on_metal!(ordinal, $tag, $body)
            }
        }
    };
}

#[cfg(feature = "cuda")]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_cuda {
    ($ordinal:expr, $tag:ident, $body:expr) => {
        $crate::__on_ordinal!(Cuda, $ordinal, $tag, $body, 7, 0 1 2 3 4 5 6 7)
    };
}

#[cfg(not(feature = "cuda"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_cuda {
    ($ordinal:expr, $tag:ident, $body:expr) => {
        // Never run: so that a body for the CPU alone is an error here, and not first in the build with the GPU.
        if false {
            type $tag = $crate::Cuda<0>;
            $body
        } else {
            ::core::result::Result::Err($crate::__private::not_compiled_in($crate::AnyDevice::Cuda($ordinal)).into())
        }
    };
}

#[cfg(feature = "metal")]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_metal {
    ($ordinal:expr, $tag:ident, $body:expr) => {
        $crate::__on_ordinal!(Metal, $ordinal, $tag, $body, 0, 0)
    };
}

#[cfg(not(feature = "metal"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_metal {
    ($ordinal:expr, $tag:ident, $body:expr) => {
        ::core::result::Result::Err($crate::__private::not_compiled_in($crate::AnyDevice::Metal($ordinal)).into())
    };
}

#[cfg(any(feature = "cuda", feature = "metal"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __on_ordinal {
    ($kind:ident, $ordinal:expr, $tag:ident, $body:expr, $max:literal, $($n:literal)*) => {
        match $ordinal {
            $($n => {
                type $tag = $crate::$kind<$n>;
                $body
            })*
            ordinal => ::core::result::Result::Err($crate::__private::not_dispatched($crate::AnyDevice::$kind(ordinal), $max).into()),
        }
    };
}

use super::{AnyDevice, DeviceError};

/// The error of a device whose backend this build lacks.
#[doc(hidden)]
pub fn not_compiled_in(device: AnyDevice) -> DeviceError {
    let feature = match device {
        AnyDevice::Metal(_) => "metal",
        AnyDevice::Cpu | AnyDevice::Cuda(_) => "cuda",
    };
    DeviceError::NotCompiledIn { device: device.to_string(), feature }
}

/// The error of an ordinal that [`on_device!`](crate::on_device) has no arm for.
#[doc(hidden)]
pub fn not_dispatched(device: AnyDevice, max: usize) -> DeviceError {
    DeviceError::NotDispatched { device: device.to_string(), max }
}
