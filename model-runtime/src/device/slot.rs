//! Device slots: tags that are bound once, at run time.

use std::fmt;
use std::sync::OnceLock;

use super::{AnyDevice, DeviceError, handle};

/// The cell behind a tag that is bound at run time.
#[doc(hidden)]
pub struct Slot {
    name: &'static str,
    /// What an unbound slot is bound to when it is used.
    default: fn(&'static str) -> Result<AnyDevice, DeviceError>,
    bound: OnceLock<AnyDevice>,
}

impl Slot {
    /// A slot that must be bound before it is used.
    pub const fn new(name: &'static str) -> Self {
        Self::with_default(name, |slot| Err(DeviceError::Unbound { slot }))
    }

    /// A slot that binds itself to `default()` when it is used unbound.
    pub(super) const fn with_default(
        name: &'static str,
        default: fn(&'static str) -> Result<AnyDevice, DeviceError>,
    ) -> Self {
        Self { name, default, bound: OnceLock::new() }
    }

    /// Binds the slot, after checking that the device opens. Binding it again to the same device changes nothing.
    ///
    /// # Errors
    ///
    /// A device name that is none, a device that is not available, or a slot that is bound to another device.
    pub fn select<A>(&self, device: A) -> Result<AnyDevice, DeviceError>
    where
        A: TryInto<AnyDevice>,
        DeviceError: From<A::Error>,
    {
        let asked = device.try_into()?;
        // A slot that is bound already opens no second device.
        if self.bound.get().is_none() {
            handle::of(asked)?;
        }
        self.bind(asked)
    }

    /// The device that the slot is bound to; binds an unbound one to its default.
    ///
    /// # Errors
    ///
    /// The slot is unbound and has no default, or its default is not available.
    pub(crate) fn get(&self) -> Result<AnyDevice, DeviceError> {
        if let Some(device) = self.bound.get() {
            return Ok(*device);
        }
        let default = (self.default)(self.name)?;
        Ok(*self.bound.get_or_init(|| default))
    }

    fn bind(&self, asked: AnyDevice) -> Result<AnyDevice, DeviceError> {
        let bound = *self.bound.get_or_init(|| asked);
        if bound == asked {
            return Ok(bound);
        }
        Err(DeviceError::AlreadyBound { slot: self.name, bound: bound.to_string(), asked: asked.to_string() })
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound.get() {
            Some(device) => device.fmt(f),
            None => write!(f, "{} (not bound)", self.name),
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.name)
    }
}

/// Declares one more device type, bound once per process at run time.
///
/// For a model that is split by configuration: the types keep its parts apart, the command line says where they go.
/// Two slots are two types even while both are bound to one device, so that code that forgets a move does not compile
/// on any machine.
///
/// ```
/// use model_runtime::prelude::*;
///
/// model_runtime::device_slot!(
///     /// Where the encoder runs.
///     pub Encoder
/// );
///
/// Encoder::select("cpu")?;
/// let x = Tensor::zeros((2, 3), DType::F32, Encoder)?;
/// assert_eq!(x.device_name(), "cpu");
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[macro_export]
macro_rules! device_slot {
    ($(#[$meta:meta])* $visibility:vis $name:ident $(;)?) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        $visibility struct $name;

        const _: () = {
            static SLOT: $crate::__private::Slot = $crate::__private::Slot::new(stringify!($name));

            impl $name {
                /// Binds this device, once per process: `"cpu"`, `"cuda:1"`, or an `AnyDevice`.
                ///
                /// # Errors
                ///
                /// A name that is none, a device that is not available, or a slot that is bound to another device.
                // A slot that only ever gets its device from elsewhere in the program does not call it.
                #[allow(dead_code, reason = "not every user of the macro calls every method")]
                $visibility fn select<A>(
                    device: A,
                ) -> ::core::result::Result<$crate::AnyDevice, $crate::device::DeviceError>
                where
                    A: ::core::convert::TryInto<$crate::AnyDevice>,
                    $crate::device::DeviceError: ::core::convert::From<A::Error>,
                {
                    SLOT.select(device)
                }
            }

            impl $crate::Device for $name {
                fn __tag() -> $crate::__private::Tag {
                    $crate::__private::Tag::Slot(&SLOT)
                }
            }

            impl $crate::Placement for $name {
                type First = Self;
                type Rest = Self;
            }

            impl $crate::Compute for $name {}
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unbound_slot_says_how_to_bind_it() {
        static SLOT: Slot = Slot::new("Decoder");
        let message = SLOT.get().unwrap_err().to_string();
        assert!(message.contains("call `Decoder::select(\"cuda:0\")?` first"), "{message}");
    }

    #[test]
    fn a_slot_is_bound_once() {
        static SLOT: Slot = Slot::new("Decoder");
        assert_eq!(SLOT.bind(AnyDevice::Cpu).unwrap(), AnyDevice::Cpu);
        assert_eq!(SLOT.bind(AnyDevice::Cpu).unwrap(), AnyDevice::Cpu);
        let message = SLOT.bind(AnyDevice::Cuda(1)).unwrap_err().to_string();
        assert!(message.contains("`Decoder` is `cpu`"), "{message}");
        assert!(message.contains("`cuda:1`"), "{message}");
    }

    #[test]
    fn a_failed_selection_leaves_the_slot_unbound() {
        static SLOT: Slot = Slot::new("Decoder");
        assert!(SLOT.select("cuda:9999").is_err());
        assert_eq!(SLOT.select("cpu").unwrap(), AnyDevice::Cpu);
    }
}
