//! How a checkpoint is opened: what it may ask for, and what is assumed where it does not say.

use super::limits::Limits;

/// Options of [`Checkpoint::open_with`](super::Checkpoint::open_with) and its siblings. The default is that of
/// `torch.load`. [`Limits`] alone are options too.
///
/// ```
/// use model_runtime::checkpoint::{Checkpoint, Endianness, OpenOptions};
///
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
/// // An archive of a big-endian machine, by a PyTorch that did not say so. One that does is read as it says.
/// let options = OpenOptions::new().default_endianness(Endianness::Big);
/// let checkpoint = Checkpoint::open_with(path, &options)?;
/// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenOptions {
    /// What the file may ask for.
    pub limits: Limits,
    /// The byte order of a zip archive without the record `byteorder`.
    pub default_endianness: Endianness,
}

/// A byte order to assume.
///
/// Corresponds to `torch.serialization.LoadEndianness`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Endianness {
    /// Little-endian, as nearly every machine is.
    #[default]
    Little,
    /// Big-endian, as IBM's System z.
    Big,
    /// That of the machine that reads.
    Native,
}

impl OpenOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the file may ask for.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the byte order of zip archives that do not say theirs, as older PyTorch wrote them.
    ///
    /// Corresponds to [`torch.serialization.set_default_load_endianness`](
    /// https://docs.pytorch.org/docs/stable/notes/serialization.html#torch.serialization.set_default_load_endianness),
    /// for one file.
    #[must_use]
    pub fn default_endianness(mut self, endianness: Endianness) -> Self {
        self.default_endianness = endianness;
        self
    }
}

impl Endianness {
    pub(crate) fn is_big(self) -> bool {
        match self {
            Self::Little => false,
            Self::Big => true,
            Self::Native => cfg!(target_endian = "big"),
        }
    }
}

impl From<&Limits> for OpenOptions {
    fn from(limits: &Limits) -> Self {
        Self::new().limits(limits.clone())
    }
}

impl From<&Self> for OpenOptions {
    fn from(options: &Self) -> Self {
        options.clone()
    }
}
