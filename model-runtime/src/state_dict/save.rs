//! Writing a state dict to a file.

use std::io;
use std::path::Path;

use super::StateDict;
use crate::checkpoint::safetensors::{NewFile, NewTensor};
use crate::checkpoint::{CheckpointError, replace};
use crate::error::{Error, Result};

/// Writes in the format that the extension names.
pub(super) fn by_extension(state: &StateDict, path: &Path) -> Result<()> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("safetensors") => safetensors(state, path),
        Some("pt" | "pth" | "bin" | "ckpt") => Err(Error::Unsupported(format!(
            "{}: PyTorch's own format is read and not written; save `{}`, which Python reads with \
             `safetensors.torch.load_file`",
            path.display(),
            path.with_extension("safetensors").display()
        ))),
        _ => Err(Error::Unsupported(format!(
            "{}: cannot tell the format to write from the file name, expected: the extension `.safetensors`",
            path.display()
        ))),
    }
}

/// Writes safetensors, one tensor at a time.
pub(super) fn safetensors(state: &StateDict, path: &Path) -> Result<()> {
    check_readable(state)?;
    let record = |(key, entry): (_, &'_ super::Entry)| (key, entry.dtype(), entry.shape().to_vec());
    let records: Vec<(&str, _, _)> = state.iter().map(record).collect();
    let records: Vec<_> = records.iter().map(|(key, dtype, shape)| NewTensor { key, dtype: *dtype, shape }).collect();
    let file = NewFile::new(&records)?;
    let written = replace(path, |out| {
        out.write_all(&file.head)?;
        for (index, nbytes) in &file.data {
            let Some((key, entry)) = state.entries.get_index(*index) else { continue };
            let bytes = entry.read_bytes()?;
            if bytes.len() != *nbytes {
                return Err(Failure::Other(Error::Unsupported(format!(
                    "{key}: the tensor changed while it was saved, expected: {nbytes} bytes, got: {} bytes",
                    bytes.len()
                ))));
            }
            out.write_all(&bytes)?;
        }
        Ok(())
    });
    written.map_err(|failure| match failure {
        Failure::Io(source) => Error::Write { path: path.to_owned(), source },
        Failure::Other(error) => error,
    })
}

/// Saving what is left of a file that could not be read completely would lose the rest.
fn check_readable(state: &StateDict) -> Result<()> {
    match state.unreadable().next() {
        None => Ok(()),
        Some((key, reason)) => {
            Err(CheckpointError::unsupported(format_args!("cannot be saved: {reason}")).at(key).into())
        }
    }
}

/// Why a file could not be written: the file, or the tensors.
enum Failure {
    Io(io::Error),
    Other(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
