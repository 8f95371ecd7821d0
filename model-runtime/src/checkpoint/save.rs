//! Saving a tree of values as `torch.save` does.

use std::io::Write;
use std::path::Path;

use super::error::{CheckpointError, Result};
use super::map_location::MapLocation;
use super::replace::{Failure, replace};
use super::torch::write::{archive_name, write};
use super::value::Value;

/// The name of an archive that goes to no file, as in PyTorch.
const UNNAMED: &str = "archive";

/// How a checkpoint is saved. The default is what `torch.save` does.
///
/// ```
/// use model_runtime::checkpoint::SaveOptions;
///
/// // A file that loads on a machine without the GPUs that the model was on.
/// let options = SaveOptions::new().map_location("cpu");
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SaveOptions {
    /// The device that the file says each storage was on; `None` is the one that it is on. PyTorch loads it to there.
    pub map_location: Option<MapLocation>,
    /// Bytes of tensors in one safetensors file, above which there are several with an index; `None` is no limit. One
    /// tensor is never cut.
    pub max_shard_size: Option<u64>,
    /// Whether safetensors leave out the entries of a state dict that hold no tensor (`_extra_state`), for which the format
    /// has no place. Without it, such an entry is an error that names it.
    pub tensors_only: bool,
}

impl SaveOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes other devices into the file than those that the tensors are on: `"cpu"` makes it load everywhere.
    pub fn map_location(mut self, map_location: impl Into<MapLocation>) -> Self {
        self.map_location = Some(map_location.into());
        self
    }

    /// Splits safetensors into files of at most so many bytes of tensors: `model-00001-of-00002.safetensors`, ... beside
    /// `model.safetensors.index.json`. Hugging Face's default is 50 GB. What was saved to the path before is replaced as a
    /// whole: the index always names one complete set.
    pub fn max_shard_size(mut self, bytes: u64) -> Self {
        self.max_shard_size = Some(bytes);
        self
    }

    /// Leaves out what is no tensor (`_extra_state`) where safetensors are written.
    pub fn tensors_only(mut self, tensors_only: bool) -> Self {
        self.tensors_only = tensors_only;
        self
    }
}

/// Writes the file of [`Value::save_with`].
pub(crate) fn write_value(value: &Value, path: &Path, options: &SaveOptions) -> Result<(), Failure> {
    let archive = archive_name(path);
    replace(path, |out| write(value, &archive, options.map_location.as_ref(), out))
}

impl Value {
    /// Saves the value as PyTorch's zip format, whatever the name of the file ends in.
    ///
    /// `torch.load(path, weights_only=True)` reads it, also with `mmap=True`, from PyTorch 1.13 on (dtypes that
    /// PyTorch has had since then need the version that brought them). Tensors that share memory share it in the file,
    /// and their bytes are written from where they lie, or a piece at a time. The file appears, or replaces the one that
    /// is there, only when it is complete; it can be the one that the tensors are read from.
    ///
    /// Corresponds to [`torch.save`](https://docs.pytorch.org/docs/stable/generated/torch.save.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    /// use model_runtime::checkpoint::Value;
    ///
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let path = folder.path().join("run.pt");
    /// let model = Linear::new(4, 2).init(Cpu)?;
    /// let checkpoint = Value::dict([("epoch", Value::from(3)), ("model_state_dict", (&model.state_dict()?).into())]);
    /// checkpoint.save(&path)?;
    /// assert_eq!(Checkpoint::open(&path)?.get("epoch")?.root().as_int(), Some(3));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value that has no form in the file (the message names its key), a tensor that cannot be read, or a file that
    /// cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_with(path, &SaveOptions::default())
    }

    /// Saves the value with other options than [`save`](Self::save).
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save), and a device that the options name and PyTorch does not know.
    pub fn save_with(&self, path: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        write_value(self, path.as_ref(), options).map_err(|failure| failure.at(path.as_ref()))
    }

    /// Writes what [`save`](Self::save) writes to anything that takes bytes in order, such as a `Vec<u8>` or a socket.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save); what `out` refuses.
    pub fn write_torch(&self, mut out: impl Write, options: &SaveOptions) -> Result<()> {
        let written = write(self, UNNAMED, options.map_location.as_ref(), &mut out);
        written.and_then(|()| Ok(out.flush()?)).map_err(|failure| match failure {
            Failure::Io(error) => CheckpointError::io("cannot write the checkpoint", error),
            Failure::Content(error) => error,
        })
    }
}
