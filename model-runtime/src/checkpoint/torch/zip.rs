//! PyTorch's zip format, of version 1.6 and later, and TorchScript archives: `data.pkl` and one record for each storage.

use std::sync::Arc;

use super::archive::Archive;
use super::rebuild::Rebuild;
use super::script;
use super::storages::Storages;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::format::{Format, Parts};
use crate::checkpoint::pickle;
use crate::checkpoint::record::Record;
use crate::checkpoint::scripted::Scripted;
use crate::checkpoint::source::Source;
use crate::checkpoint::value::Value;
use crate::checkpoint::window::Window;

const PICKLE: &str = "data.pkl";
/// Only TorchScript archives have this record.
const CONSTANTS: &str = "constants.pkl";
const BYTE_ORDER: &str = "byteorder";
/// The versions that PyTorch reads, `kMinSupportedFileFormatVersion` and `kMaxSupportedFileFormatVersion`.
/// <https://github.com/pytorch/pytorch/blob/v2.9.0/caffe2/serialize/versions.h>
const VERSIONS: std::ops::RangeInclusive<u64> = 1..=10;
/// Bytes of the longest text record: a version, a byte order.
const TEXT: u64 = 64;

/// Reads the structure of the archive.
pub(crate) fn open(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let mut window = Window::new(source);
    let archive = Archive::open(&mut window)?;
    check_has_pickle(&archive)?;
    check_version(&archive, &window).map_err(|error| error.at("version"))?;
    let big_endian = is_big_endian(&archive, &window).map_err(|error| error.at(BYTE_ORDER))?;
    let format = if archive.record(CONSTANTS).is_some() { Format::TorchScript } else { Format::TorchZip };
    let pickle = read_pickle(&archive, &window).map_err(|error| error.at(PICKLE))?;
    drop(window);
    let scripted = match format {
        Format::TorchScript => script::modules(&archive, source).map_err(|error| error.at("code"))?,
        _ => Scripted::default(),
    };
    let mut rebuild = Rebuild::new(Storages::new(source, Some(archive), big_endian, first_id));
    let (root, end) = pickle::load(&pickle, 0, pickle.len(), &mut rebuild).map_err(|error| error.at(PICKLE))?;
    if end != pickle.len() {
        let error = CheckpointError::damaged("there are bytes after the end of the pickle");
        return Err(error.got(format_args!("{} bytes", pickle.len().saturating_sub(end))).at(PICKLE));
    }
    if format == Format::TorchScript && !matches!(root, Value::Opaque(_)) {
        return Err(CheckpointError::damaged("a TorchScript archive must hold a module")
            .expected(format_args!("a module in `{PICKLE}`, as there is a `{CONSTANTS}`"))
            .got(root.type_name()));
    }
    let Rebuild { storages, globals, .. } = rebuild;
    Ok(Parts { scripted, globals, ..Parts::new(format, root, storages.into_vec()) })
}

fn check_has_pickle(archive: &Archive) -> Result<&Record> {
    let missing = || {
        CheckpointError::not_a_checkpoint("this zip archive has no `data.pkl`")
            .expected(format_args!("`{}/{PICKLE}`", archive.root()))
            .fix("it was not written by `torch.save`; unpack it first if the checkpoint is inside")
    };
    archive.record(PICKLE).ok_or_else(missing)
}

fn read_pickle(archive: &Archive, window: &Window<'_>) -> Result<Source> {
    let record = check_has_pickle(archive)?;
    let limits = window.source().limits();
    if record.len > limits.pickle_bytes {
        return Err(CheckpointError::limit("the pickle is too long", "pickle_bytes", limits.pickle_bytes, record.len));
    }
    Ok(Source::memory(record.read_from(window)?, limits.clone()))
}

fn check_version(archive: &Archive, window: &Window<'_>) -> Result<()> {
    let Some(text) = read_text(archive, window, ".data/version")?.or(read_text(archive, window, "version")?) else {
        return Err(CheckpointError::damaged("the record is missing")
            .fix("the archive was repacked without it; add a file `version` that says 3"));
    };
    match text.trim().parse() {
        Ok(version) if VERSIONS.contains(&version) => Ok(()),
        _ => Err(CheckpointError::unsupported("the version of the archive is unknown")
            .expected(format_args!("{} to {}", VERSIONS.start(), VERSIONS.end()))
            .got(text.trim())),
    }
}

fn is_big_endian(archive: &Archive, window: &Window<'_>) -> Result<bool> {
    match read_text(archive, window, BYTE_ORDER)?.as_deref() {
        None => Ok(window.source().endianness().is_big()),
        Some("little") => Ok(false),
        Some("big") => Ok(true),
        Some(other) => {
            Err(CheckpointError::damaged("the byte order is unknown").expected("`little` or `big`").got(other))
        }
    }
}

fn read_text(archive: &Archive, window: &Window<'_>, name: &str) -> Result<Option<String>> {
    let Some(record) = archive.record(name) else { return Ok(None) };
    if record.len > TEXT {
        return Err(CheckpointError::damaged("the record is too long")
            .expected(format_args!("at most {TEXT} bytes"))
            .got(record.len));
    }
    let bytes = record.read_from(window)?;
    String::from_utf8(bytes).map(Some).map_err(|_| CheckpointError::damaged("the record is no text"))
}
