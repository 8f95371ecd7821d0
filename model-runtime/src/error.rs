//! [`Error`]: everything that can go wrong in this crate.

use std::fmt;

use crate::checkpoint::CheckpointError;
use crate::device::DeviceError;
use crate::state_dict::LoadError;

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
    /// Anything else; the text says what to do instead.
    #[error("{0}")]
    Unsupported(String),
}

impl Error {
    /// The error with the key of the tensor that it is about, unless it names one already.
    pub(crate) fn at(self, key: &str) -> Self {
        match self {
            Self::Checkpoint(error) => error.at(key).into(),
            Self::Candle(_) | Self::Unsupported(_) => Self::At { key: key.to_owned(), source: Box::new(self) },
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
