//! [`Error`]: everything that can go wrong in this crate.

mod unsupported;

use std::fmt;

use crate::checkpoint::CheckpointError;
use crate::device::DeviceError;
use crate::state_dict::LoadError;

pub use unsupported::Unsupported;

/// What this crate's fallible functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong. Printed with `{:?}` it is the same text, since `fn main() -> Result<()>` prints that.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A device cannot be used.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A file cannot be read, or is not what it should be.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A state dict does not fit the model.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A tensor operation failed: shapes, dtypes, memory.
    #[error(transparent)]
    Candle(Box<candle_core::Error>),
    /// A declaration that no data can satisfy, such as groups that do not divide the channels.
    #[error("{key}: {reason}")]
    Declaration {
        /// The parameter whose layer was declared wrongly.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A leaf of a model was asked for data that it does not have.
    #[error("{key}: declared, but without data: call `load_state_dict` or `init` on the model first")]
    NoData {
        /// The parameter or buffer.
        key: String,
    },
    /// An operation failed on one tensor of a model or of a file.
    #[error("{key}: {source}")]
    At {
        /// The tensor.
        key: String,
        /// What failed.
        source: Box<Error>,
    },
    /// A file could not be written. Until the new one is complete, what was there before is still there.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The destination.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else that cannot be done as it was asked for, in parts: key, file, what is wrong, what to write instead.
    #[error(transparent)]
    Unsupported(Box<Unsupported>),
}

impl Error {
    /// An [`Unsupported`] that says only what is wrong: for converters and programs of your own.
    ///
    /// ```
    /// use model_runtime::Error;
    ///
    /// assert_eq!(Error::unsupported("no tokenizer").to_string(), "no tokenizer");
    /// ```
    pub fn unsupported(what: impl fmt::Display) -> Self {
        Unsupported::new(what).into()
    }

    /// The error with the key of the tensor that it is about, unless it names one already.
    pub(crate) fn at(self, key: &str) -> Self {
        match self {
            Self::Checkpoint(error) => error.at(key).into(),
            Self::Unsupported(error) if error.key.is_empty() => error.key(key).into(),
            Self::Candle(_) => Self::At { key: key.to_owned(), source: Box::new(self) },
            other => other,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Candle(Box::new(error))
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// For implementing candle's own traits with this crate's operations.
impl From<Error> for candle_core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Candle(error) => *error,
            other => Self::wrap(other),
        }
    }
}
