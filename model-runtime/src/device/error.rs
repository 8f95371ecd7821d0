//! [`DeviceError`]: why a device cannot be used.

/// Why a device cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The program was built without the backend of this device.
    #[error(
        "`{device}` is not available: this program was built without the feature `{feature}`, rebuild it with `cargo build --features {feature}`"
    )]
    NotCompiledIn {
        /// The device that was asked for.
        device: String,
        /// The cargo feature that brings its backend.
        feature: &'static str,
    },
    /// The backend is there, and finds no device on this machine.
    #[error("`{device}` is not available: no {backend} device was found on this machine")]
    NoDevice {
        /// The device that was asked for.
        device: String,
        /// `CUDA` or `Metal`.
        backend: &'static str,
    },
    /// There are devices, but fewer than the ordinal needs.
    #[error("`{device}` is not available: ordinal out of range, expected: at most {}, got: {ordinal} ({count} {backend} device(s) found)", count - 1)]
    OrdinalOutOfRange {
        /// The device that was asked for.
        device: String,
        /// `CUDA` or `Metal`.
        backend: &'static str,
        /// The ordinal that was asked for.
        ordinal: usize,
        /// The number of devices found.
        count: usize,
    },
    /// The backend refused to open the device.
    #[error("`{device}` could not be opened: {source}")]
    Open {
        /// The device that was asked for.
        device: String,
        /// The backend's own error.
        source: Box<candle_core::Error>,
    },
    /// A device name that is none.
    #[error("invalid device name `{name}`, expected `cpu`, `cuda`, `cuda:N`, `metal`, `metal:N` or `mps`")]
    InvalidName {
        /// The name as given.
        name: String,
    },
    /// The environment variable that chooses the device of [`Auto`](super::Auto) holds no usable device.
    #[error("environment variable `{variable}`: {source}")]
    Variable {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with its value.
        source: Box<DeviceError>,
    },
    /// A slot was used before it was bound.
    #[error("the device slot `{slot}` is not bound yet: call `{slot}::select(\"cuda:0\")?` first")]
    Unbound {
        /// The slot's type name.
        slot: &'static str,
    },
    /// A slot was bound a second time, to another device.
    #[error(
        "`{slot}` is `{bound}` in this process and cannot become `{asked}`: it is bound once, before its first use"
    )]
    AlreadyBound {
        /// The slot's type name.
        slot: &'static str,
        /// What it is bound to.
        bound: String,
        /// What was asked for.
        asked: String,
    },
    /// A tensor is not where its type would say.
    #[error(
        "the candle tensor is on `{got}`, expected: `{expected}`, got: `{got}`; move it first with `to_device`, or name its device in the type"
    )]
    Mismatch {
        /// The device of the type.
        expected: String,
        /// The device of the tensor.
        got: String,
    },
    /// The device is one that [`on_device!`](crate::on_device) does not dispatch to.
    #[error("`on_device!` dispatches to ordinals 0 to {max}, got: `{device}`; use `Auto` or `device_slot!` for it")]
    NotDispatched {
        /// The device that was asked for.
        device: String,
        /// The largest ordinal that it dispatches to.
        max: usize,
    },
    /// The `meta` device was asked for data.
    #[error("`meta` holds no data: load or initialise the model first")]
    NoData,
}

impl From<std::convert::Infallible> for DeviceError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
