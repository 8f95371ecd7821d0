//! [`Manifest`]: the keys, dtypes and shapes of a checkpoint, as a small text file.
//!
//! ```text
//! # The keys, dtypes and shapes of `net.pt`.
//! manifest 1
//! fc1.weight float32 [8, 4]
//! fc1.bias float32 [8]
//! ```
//!
//! One line for each key, in the order of the file. Empty lines and lines that start with `#` are comments; the first line
//! that is none says the version of the format. A key that is no word is escaped: a space is `\u{20}`, a backslash `\\`,
//! an empty key `\u{}`. A tensor that cannot be read is `key unreadable`, and what is no tensor `key other`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use indexmap::IndexMap;

use crate::checkpoint::ScalarType;
use crate::checkpoint::replace::replace;
use crate::error::{Error, Result, Unsupported};
use crate::module::Module;
use crate::state_dict::{self, LoadReport};

mod check;
pub(crate) mod compile;
mod escape;
mod found;
mod line;
mod nearest;
mod read;
mod recurrent;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use line::HEADER;

/// Compares the keys of a type with a manifest while the program compiles: `#[module(manifest = "...")]` for types with
/// parameters that the attribute cannot choose.
///
/// The path is relative to the source file. It stands where items stand:
///
/// ```text
/// model_runtime::check_manifest!(Residual<Linear<Meta>>, "residual.manifest");
/// ```
#[macro_export]
macro_rules! check_manifest {
    ($ty:ty, $file:literal $(,)?) => {
        $crate::__private::check_manifest!($crate, $ty, $file);
    };
}

/// The keys of a checkpoint with their dtypes and shapes: what `#[module(manifest = "...")]` compares a struct with.
///
/// ```
/// use model_runtime::prelude::*;
/// use model_runtime::Manifest;
///
/// let manifest = Linear::new(4, 2).init(Cpu)?.state_dict()?.manifest();
/// assert_eq!(manifest.to_string(), "manifest 1\nweight float32 [2, 4]\nbias float32 [2]\n");
///
/// let manifest: Manifest = "manifest 1\nweight float32 [2, 3]\n".parse()?;
/// let report = manifest.check(&Linear::new(4, 2))?;
/// assert_eq!((report.missing[0].key.as_str(), report.mismatched[0].key.as_str()), ("bias", "weight"));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub(crate) entries: IndexMap<String, Described>,
    pub(crate) source: Option<String>,
}

/// What a manifest says about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Described {
    /// A tensor: its element type and the size of each dimension.
    Tensor(ScalarType, Vec<usize>),
    /// A tensor that cannot be read.
    Unreadable,
    /// What is no tensor.
    Other,
}

impl Manifest {
    /// Reads the text of a manifest.
    ///
    /// # Errors
    ///
    /// A line that is none of a manifest, with its number; a key that is there twice.
    pub fn parse(text: &str) -> Result<Self> {
        read::parse(text).map(|entries| Self { entries, source: None })
    }

    /// Reads a manifest from a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read; as [`parse`](Self::parse).
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let named = |error: &dyn fmt::Display| Error::from(Unsupported::new(error).file(path));
        let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
        Self::parse(&text).map_err(|error| named(&error))
    }

    /// Writes the manifest to a file, which appears, or replaces the one that is there, only when it is complete.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        replace(path, |out| out.write_all(self.to_string().as_bytes()))
            .map_err(|source| Error::Write { path: path.to_owned(), source })
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// What it says about a key.
    pub fn get(&self, key: &str) -> Option<&Described> {
        self.entries.get(key)
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Compares a model with it, names, shapes and dtypes, as a load compares it with a file.
    ///
    /// # Errors
    ///
    /// A model with two tensors of one name. What does not match is in the report.
    pub fn check<M: Module>(&self, model: &M) -> Result<LoadReport> {
        state_dict::check_manifest(model, self)
    }
}

impl FromStr for Manifest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// The text that [`parse`](Manifest::parse) reads.
impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            let source: String = source.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
            writeln!(f, "# The keys, dtypes and shapes of `{source}`.")?;
        }
        writeln!(f, "{HEADER}")?;
        for (key, described) in &self.entries {
            let key = escape::escape(key);
            match described {
                Described::Tensor(dtype, shape) => writeln!(f, "{key} {dtype} {shape:?}")?,
                Described::Unreadable => writeln!(f, "{key} {}", read::UNREADABLE)?,
                Described::Other => writeln!(f, "{key} {}", read::OTHER)?,
            }
        }
        Ok(())
    }
}
