//! [`Unsupported`]: something that cannot be done as it was asked for, in parts.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use super::Error;

/// Something that cannot be done as it was asked for. What is not known of it is empty.
///
/// The message has one form: the file, the key, what is wrong, and where there is one the likely fix:
/// `net.pt: fc.weight: candle has no dtype for complex64, expected: .., got: ..; save its real part`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let net = Linear::new(4, 2).init(Cpu)?;
/// let Error::Unsupported(error) = net.to_dtype(DType::U8).expect_err("no model has weights of integers") else {
///     panic!("another error");
/// };
/// assert_eq!((error.expected.as_str(), error.got.as_str()), ("f32, f16, bf16 or f64", "u8"));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsupported {
    /// The tensor that it is about.
    pub key: String,
    /// The file that it is about.
    pub file: Option<PathBuf>,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub expected: String,
    /// What was found.
    pub got: String,
    /// What to write instead.
    pub fix: String,
}

impl Unsupported {
    /// What is wrong, in a few words.
    pub fn new(what: impl Display) -> Self {
        Self { what: what.to_string(), ..Self::default() }
    }

    /// Names the tensor that it is about.
    #[must_use]
    pub fn key(mut self, key: impl Display) -> Self {
        self.key = key.to_string();
        self
    }

    /// Names the file that it is about.
    #[must_use]
    pub fn file(mut self, file: impl AsRef<Path>) -> Self {
        self.file = Some(file.as_ref().to_owned());
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn expected(mut self, expected: impl Display) -> Self {
        self.expected = expected.to_string();
        self
    }

    /// Says what was found.
    #[must_use]
    pub fn got(mut self, got: impl Display) -> Self {
        self.got = got.to_string();
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn fix(mut self, fix: impl Display) -> Self {
        self.fix = fix.to_string();
        self
    }
}

impl Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        for (label, part) in [(", expected: ", &self.expected), (", got: ", &self.got), ("; ", &self.fix)] {
            if !part.is_empty() {
                write!(f, "{label}{part}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Unsupported {}

impl From<Unsupported> for Error {
    fn from(error: Unsupported) -> Self {
        Self::Unsupported(Box::new(error))
    }
}
