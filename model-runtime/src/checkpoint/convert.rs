//! From one format to another, a piece at a time.

use std::path::Path;
use std::sync::Arc;

use super::Checkpoint;
use super::error::{CheckpointError, Result};
use super::format::Format;
use super::safetensors::{self, Tensors};
use super::save::{SaveOptions, write_value};
use super::state_dict::{RawEntry, RawStateDict};
use super::value::{Dict, DictKind, Value};

/// The metadata of safetensors that is about the file itself.
const FORMAT_KEY: &str = "format";

/// Writes the checkpoint at `from` to `to`, in the format that the extension of `to` names: `.safetensors`, or PyTorch's
/// for `.pt`, `.pth`, `.bin` and `.ckpt`.
///
/// Every format that [`Checkpoint::open`] reads can be converted. To PyTorch's, everything in the file goes along; names
/// that a safetensors file only mentions (`save_model` writes a shared tensor once) become entries again, at the end. To
/// safetensors, it is the [state dict](Checkpoint::raw_state_dict): the format holds nothing else, and an entry of it that
/// is no tensor (`_extra_state`) is an error, unless [`SaveOptions::tensors_only`] leaves it out. Bytes go
/// from file to file a piece at a time; at most one storage is in memory.
///
/// ```
/// use model_runtime::checkpoint::{Checkpoint, SaveOptions, convert};
///
/// # let from = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let to = folder.path().join("digits.safetensors");
/// convert(from, &to, &SaveOptions::new())?;
/// let keys = Checkpoint::open(&to)?.raw_state_dict()?.entries;
/// assert_eq!(keys.first().map(|(key, _)| key.as_str()), Some("conv1.weight"));
/// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
/// ```
///
/// # Errors
///
/// A file that cannot be read, or holds something that the other format cannot (the message names it); a file that
/// cannot be written.
pub fn convert(from: impl AsRef<Path>, to: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
    Checkpoint::open(from)?.convert(to, options)
}

impl Checkpoint {
    /// Writes this checkpoint, or the entry of it that [`get`](Self::get) chose, to a file: see [`convert`].
    ///
    /// # Errors
    ///
    /// As [`convert`].
    pub fn convert(&self, to: impl AsRef<Path>, options: &SaveOptions) -> Result<()> {
        let to = to.as_ref();
        let written = match to.extension().and_then(|extension| extension.to_str()) {
            Some("safetensors") => {
                let state = self.raw_state_dict()?;
                let other = state.other.iter().map(|(key, _)| key.as_str());
                safetensors::check_tensors_only(other, options).map_err(|error| error.in_file(to.display()))?;
                let tensors = tensors(state)?;
                safetensors::write(&tensors, self.metadata(), to, options.max_shard_size)
            }
            Some("pt" | "pth" | "bin" | "ckpt") => write_value(&self.complete()?, to, options),
            _ => {
                let error = CheckpointError::argument("cannot tell the format from the name of the file to write");
                let extensions = "the extension `.safetensors`, `.pt`, `.pth`, `.bin` or `.ckpt`";
                return Err(error.expected(extensions).in_file(to.display()));
            }
        };
        written.map_err(|failure| failure.at(to))
    }

    /// The root, with the names of shared tensors that a safetensors file has in its metadata.
    fn complete(&self) -> Result<Value> {
        let root = self.root();
        let Value::Dict(dict) = root else { return self.scripted() };
        if self.format() != Format::Safetensors {
            return Ok(root.clone());
        }
        let aliases = self.metadata().iter().filter(|(alias, _)| alias != FORMAT_KEY && dict.get(alias).is_none());
        let aliases = aliases.filter_map(|(alias, kept)| Some((Value::from(alias), dict.get(kept)?.clone())));
        Ok(Value::dict(dict.iter().map(|(key, value)| (key.clone(), value.clone())).chain(aliases)))
    }

    /// What is no dict at its root as it is, but for TorchScript: its code cannot be written, its tensors can.
    fn scripted(&self) -> Result<Value> {
        if self.format() != Format::TorchScript {
            return Ok(self.root().clone());
        }
        let mut dict = Dict::default().with_kind(DictKind::Ordered);
        // String keys are always hashable.
        tensors(self.raw_state_dict()?)?
            .into_iter()
            .for_each(|(key, tensor)| drop(dict.insert(key, Value::Tensor(tensor))));
        Ok(dict.into())
    }
}

fn tensors(state: RawStateDict) -> Result<Tensors> {
    let tensor = |(key, entry): (String, RawEntry)| match entry {
        RawEntry::Tensor(tensor) => Ok((key, Arc::clone(&tensor))),
        RawEntry::Unreadable { reason } => {
            Err(CheckpointError::unsupported(format_args!("cannot be saved: {reason}")).at(format_args!("key `{key}`")))
        }
    };
    state.entries.into_iter().map(tensor).collect()
}
