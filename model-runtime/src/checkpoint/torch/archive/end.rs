//! The end records of a zip archive, which say where its directory is.

use super::fields::Fields;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::window::Window;

const END: &[u8; 4] = b"PK\x05\x06";
const ZIP64_LOCATOR: &[u8; 4] = b"PK\x06\x07";
const ZIP64_END: &[u8; 4] = b"PK\x06\x06";

/// Bytes of the end record without its comment, of the zip64 locator, and of the least zip64 end record.
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const ZIP64_END_LEN: u64 = 56;
/// Bytes in which the end record of nearly every archive is, and often all of the directory.
const SHORT_TAIL: u64 = 16 << 10;
/// Bytes of the zip64 end record that its own size field does not count.
const ZIP64_UNCOUNTED: u64 = 12;

/// The central directory, which fills the file up to the end records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) entries: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
}

/// Finds the directory. The zip64 records come first: where they exist, the other may only repeat them.
pub(super) fn find(window: &mut Window<'_>) -> Result<Directory> {
    let (at, short) = read_end(window).map_err(|error| error.at("end record"))?;
    let (directory, ends_at) = match read_zip64(window, at, short).map_err(|error| error.at("zip64 end record"))? {
        Some(found) => found,
        None => (short, at),
    };
    if directory.offset.checked_add(directory.size) != Some(ends_at) {
        return Err(CheckpointError::damaged("the directory does not end where the end records start")
            .expected(format_args!("offset {ends_at}"))
            .got(format_args!("{} bytes from offset {}", directory.size, directory.offset))
            .at("end record"));
    }
    Ok(directory)
}

/// The last end record, and its offset. Its comment must fill the file: another archive behind it, or a second end
/// record inside the comment, would be seen by some readers and not by others.
fn read_end(window: &mut Window<'_>) -> Result<(u64, Directory)> {
    let missing =
        || CheckpointError::damaged("the zip archive has no end").fix("the file is cut; copy or download it again");
    let at = match find_end(window, SHORT_TAIL)? {
        Some(at) => at,
        None => find_end(window, END_LEN + u64::from(u16::MAX))?.ok_or_else(missing)?,
    };
    let len = window.source().len();
    let mut fields = Fields(window.read(at, len.saturating_sub(at))?);
    fields.signature(END, "end record")?;
    let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
    let (here, entries) = (fields.u16()?, fields.u16()?);
    let (size, offset) = (fields.u32()?, fields.u32()?);
    let comment = fields.u16()?;
    if fields.0.len() != usize::from(comment) {
        let error = CheckpointError::damaged("the archive's comment does not end with the file");
        return Err(error.expected(format_args!("{comment} bytes")).got(fields.0.len()));
    }
    if disk != directory_disk || here != entries || !matches!(disk, 0 | u16::MAX) {
        return Err(CheckpointError::unsupported("an archive that spans several disks"));
    }
    Ok((at, Directory { entries: entries.into(), size: size.into(), offset: offset.into() }))
}

/// The offset of the last end record in the last `len` bytes of the file.
fn find_end(window: &mut Window<'_>, len: u64) -> Result<Option<u64>> {
    let all = window.source().len();
    let start = all.saturating_sub(len);
    let tail = window.read(start, all.saturating_sub(start))?;
    let found = tail.windows(END.len()).rposition(|window| window == END);
    Ok(found.and_then(|found| start.checked_add(u64::try_from(found).ok()?)))
}

/// The directory as the zip64 end record has it, and the record's offset; `None` without a locator before `end`.
fn read_zip64(window: &mut Window<'_>, end: u64, short: Directory) -> Result<Option<(Directory, u64)>> {
    let Some(locator_at) = end.checked_sub(LOCATOR_LEN) else { return Ok(None) };
    let mut fields = Fields(window.read(locator_at, LOCATOR_LEN)?);
    if fields.signature(ZIP64_LOCATOR, "locator").is_err() {
        return Ok(None);
    }
    let (disk, at, disks) = (fields.u32()?, fields.u64()?, fields.u32()?);
    let len = locator_at.checked_sub(at).filter(|len| *len >= ZIP64_END_LEN);
    let len =
        len.ok_or_else(|| CheckpointError::damaged("its locator points elsewhere").got(format_args!("offset {at}")))?;
    let mut fields = Fields(window.read(at, ZIP64_END_LEN)?);
    fields.signature(ZIP64_END, "zip64 end record")?;
    if fields.u64()? != len.saturating_sub(ZIP64_UNCOUNTED) {
        return Err(CheckpointError::damaged("it does not reach to its locator"));
    }
    let _versions = fields.u32()?;
    let (this_disk, directory_disk, here) = (fields.u32()?, fields.u32()?, fields.u64()?);
    let directory = Directory { entries: fields.u64()?, size: fields.u64()?, offset: fields.u64()? };
    if [disk, this_disk, directory_disk] != [0; 3] || disks > 1 || here != directory.entries {
        return Err(CheckpointError::unsupported("an archive that spans several disks"));
    }
    let repeats = |short: u64, saturated: u64, long: u64| short == saturated || short == long;
    let agrees = repeats(short.entries, u16::MAX.into(), directory.entries)
        && repeats(short.size, u32::MAX.into(), directory.size)
        && repeats(short.offset, u32::MAX.into(), directory.offset);
    if !agrees {
        return Err(CheckpointError::damaged("it contradicts the end record")
            .expected(format_args!("{short:?}"))
            .got(format_args!("{directory:?}")));
    }
    Ok(Some((directory, at)))
}
