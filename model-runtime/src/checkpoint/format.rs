//! The formats of checkpoints, and how a file's format is found from its first bytes.

use std::fmt::{self, Display};
use std::sync::Arc;

use super::error::{CheckpointError, Result};
use super::scripted::Scripted;
use super::source::Source;
use super::storage::Storage;
use super::torch::is_tar_header;
use super::value::Value;
use crate::hash::FastMap;

/// The format of a checkpoint file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// A zip archive of `torch.save`, since PyTorch 1.6.
    TorchZip,
    /// A stream of `torch.save` before 1.6, or with `_use_new_zipfile_serialization=False`.
    TorchLegacy,
    /// A zip archive of `torch.jit.save`; its tensors are read, its code is not.
    TorchScript,
    /// A tar archive of `torch.save` before 0.1.10.
    TorchTar,
    /// A folder of `torch.distributed.checkpoint`: `.metadata` and the shards of every rank, or the safetensors of every
    /// rank.
    Distributed,
    /// A safetensors file.
    Safetensors,
    /// An index (`*.index.json`) and the shards that it names, of any of the formats above.
    Sharded,
}

impl Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TorchZip => "PyTorch zip",
            Self::TorchLegacy => "PyTorch legacy stream",
            Self::TorchScript => "TorchScript archive",
            Self::TorchTar => "PyTorch tar",
            Self::Distributed => "distributed checkpoint",
            Self::Safetensors => "safetensors",
            Self::Sharded => "sharded checkpoint",
        })
    }
}

/// What the reader of a format finds in a file.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) format: Format,
    pub(super) root: Value,
    pub(super) storages: Vec<Arc<Storage>>,
    /// `__metadata__` of a safetensors file.
    pub(super) metadata: Vec<(String, String)>,
    /// The classes and functions that pickles name.
    pub(super) globals: Vec<Arc<str>>,
    /// The modules of a TorchScript archive.
    pub(super) scripted: Scripted,
    /// Where another save starts in the same stream.
    pub(super) rest: Option<u64>,
}

/// Where in its tensor each entry of a file with parts of tensors starts, by key; `None` for a file that does not say.
pub(super) type Starts = Option<FastMap<String, Vec<usize>>>;

impl Parts {
    /// With nothing but what every format has.
    pub(super) fn new(format: Format, root: Value, storages: Vec<Arc<Storage>>) -> Self {
        let (metadata, globals, scripted) = (Vec::new(), Vec::new(), Scripted::default());
        Self { format, root, storages, metadata, globals, scripted, rest: None }
    }
}

/// The readers, one for each container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Index,
    Zip,
    Legacy,
    Tar,
    Safetensors,
}

/// Bytes that tell the formats apart; tar has its mark at 257.
const HEAD: u64 = 512;

/// What the first bytes of well-known files are, and what to say about them.
const OTHERS: &[(&[u8], &str, &str)] = &[
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "run `git lfs pull`"),
    (b"\x1f\x8b", "gzip data", "unpack it first"),
    (b"BZh", "bzip2 data", "unpack it first"),
    (b"\xfd7zXZ\0", "xz data", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"GGUF", "a GGUF file", "convert it to safetensors"),
    (b"\x93NUMPY", "a numpy array", "save it with `torch.save` or as safetensors"),
    (b"\x89HDF\r\n", "an HDF5 file (Keras?)", "convert it to safetensors"),
    (b"PK\x05\x06", "an empty zip archive", "copy or download it again"),
    (b"PK\x07\x08", "a zip archive that spans several files", "join it first"),
    (b"\x7fELF", "a program", "name the checkpoint file"),
];

/// Pickles of protocol 0 and 1 have no header: a stream of PyTorch starts with its magic number in text.
const TEXT_MAGIC: &[u8] = b"L119547037146038801333356L";

/// Eight characters of text, read as a length, are at least this.
const TEXT_AS_LENGTH: u64 = 1 << 48;

/// The container of `source`, from its first bytes; the name of the file does not matter.
pub(super) fn detect(source: &Source) -> Result<Container> {
    let head = source.read_vec(0, source.len().min(HEAD))?;
    if head.starts_with(b"PK\x03\x04") {
        return Ok(Container::Zip);
    }
    let header_len = match head.split_first_chunk() {
        Some((length, [b'{', ..])) => Some((u64::from_le_bytes(*length), length.is_ascii())),
        _ => None,
    };
    // The first bytes of a pickle are no length of anything, and those of a safetensors file can look like a pickle.
    if header_len.is_some_and(|(length, _)| length <= source.len()) {
        return Ok(Container::Safetensors);
    }
    if matches!(head.as_slice(), [0x80, 0..=5, ..]) || head.starts_with(TEXT_MAGIC) {
        return Ok(Container::Legacy);
    }
    if head.trim_ascii_start().starts_with(b"{") {
        return Ok(Container::Index);
    }
    if is_tar_header(&head) {
        return Ok(Container::Tar);
    }
    // A header that is too long, which its reader tells better; text with a `{` in ninth place is no header.
    match header_len {
        Some((length, is_text)) if !is_text || length < TEXT_AS_LENGTH => Ok(Container::Safetensors),
        _ => Err(describe(&head)),
    }
}

/// What a file that is no checkpoint seems to be.
fn describe(head: &[u8]) -> CheckpointError {
    let is = |what: &str| CheckpointError::not_a_checkpoint(format_args!("this is {what}"));
    if let Some((_, what, fix)) = OTHERS.iter().find(|(start, ..)| head.starts_with(start)) {
        return is(what).fix(fix);
    }
    if head.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return is("a tar archive whose first header is damaged").fix("copy or download it again");
    }
    if head.is_empty() {
        return is("an empty file").fix("copy or download it again");
    }
    if head.iter().all(|byte| *byte == 0) {
        return is("a file of zeros").fix("copy or download it again");
    }
    let start = String::from_utf8_lossy(head).trim_start().to_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml") {
        return is("a web page, in most cases an error message of the server").fix("download the file itself");
    }
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    if head.iter().all(printable)
        && std::str::from_utf8(head.get(..head.len().saturating_sub(3)).unwrap_or_default()).is_ok()
    {
        return is("a text file").got(format_args!("`{}`", String::from_utf8_lossy(head.get(..40).unwrap_or(head))));
    }
    CheckpointError::not_a_checkpoint("the format is unknown")
        .expected("a PyTorch zip archive, a PyTorch legacy stream or safetensors")
        .got(format_args!("a file that starts with {}", head.get(..8).unwrap_or(head).escape_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::limits::Limits;

    fn told(bytes: &[u8]) -> String {
        detect(&Source::memory(bytes.to_vec(), Limits::default())).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_checkpoint_is_told_what_it_is() {
        assert_eq!(told(b""), "this is an empty file; copy or download it again");
        assert!(told(b"version https://git-lfs.github.com/spec/v1\noid").contains("Git LFS pointer"));
        assert!(told(b"\n <!DOCTYPE html><html>").contains("a web page"));
        assert!(told(&[0; 4096]).contains("a file of zeros"));
        assert!(told(b"hello, world").contains("this is a text file, got: `hello, world`"));
        assert!(told(b"12345678{9 is text").contains("a text file"));
        assert!(told(b"GGUF\x03\0\0\0").contains("a GGUF file"));
        assert!(told(b"\x1f\x8b\x08\0").contains("gzip"));
        assert!(told(b"\x01\xff\xfe\x07\x09").contains("the format is unknown"));
    }

    #[test]
    fn the_first_bytes_decide() {
        let container = |bytes: &[u8]| detect(&Source::memory(bytes.to_vec(), Limits::default())).unwrap();
        assert_eq!(container(b"PK\x03\x04rest"), Container::Zip);
        assert_eq!(container(b"{\"metadata\": {}}"), Container::Index);
        assert_eq!(container(b"\x80\x02\x8a\x0a"), Container::Legacy);
        assert_eq!(container(b"\x02\0\0\0\0\0\0\0{}"), Container::Safetensors);
        assert_eq!(container(b"\0\0\0\0\0\0\0\x80{}"), Container::Safetensors);
        let header_of_128 = [b"\x80\0\0\0\0\0\0\0{".as_slice(), &[b' '; 127]].concat();
        assert_eq!(container(&header_of_128), Container::Safetensors);
    }
}
