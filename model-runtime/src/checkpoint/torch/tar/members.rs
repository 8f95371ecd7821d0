//! The members of a tar archive as PyTorch 0.1 wrote it, checked until only one reading of it is left.

use std::ops::Range;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::source::Source;

/// Bytes of a header, and what the data of a member are padded to.
pub(super) const BLOCK: u64 = 512;
/// What a whole archive is padded to.
const RECORD: u64 = 10_240;
/// Bytes of a member's extended header; that of a plain file has a few dozen.
const PAX_BYTES: u64 = 4 << 10;

/// Fields of a header: where they are in the block.
const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const TYPE: usize = 156;
const MAGIC: Range<usize> = 257..263;
const PREFIX: Range<usize> = 345..500;

/// The keys of an extended header that change nothing about a file: Python writes `mtime` with its fraction there.
const HARMLESS: &[&str] = &["mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"];

/// Where the members are in the file: first byte, and the byte after the last.
#[derive(Debug, Default)]
pub(super) struct Members {
    sys_info: Option<Range<u64>>,
    storages: Option<Range<u64>>,
    tensors: Option<Range<u64>>,
    pickle: Option<Range<u64>>,
}

/// Whether `head`, the first bytes of a file, is the header of a tar member.
pub(crate) fn is_header(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|block: &[u8; 512]| block.first() != Some(&0) && check_sum(block).is_ok())
}

impl Members {
    /// Reads all headers.
    pub(super) fn read(source: &Source) -> Result<Self> {
        let mut members = Self::default();
        let (mut pos, mut pax) = (0, None);
        loop {
            let block = block_at(source, pos)?;
            if block == [0; 512] {
                break;
            }
            let named = |error: CheckpointError| error.at(format_args!("tar header at offset {pos}"));
            let start = pos.saturating_add(BLOCK);
            let end = data_end(&block, start, source).map_err(named)?;
            match block.get(TYPE) {
                Some(b'x') if pax.is_none() => {
                    pax = Some(Extended::parse(source, start, end).map_err(named)?);
                }
                Some(0 | b'0') => {
                    let member = members.slot(&block).map_err(named)?;
                    check_extended(pax.take(), &block, end.saturating_sub(start)).map_err(named)?;
                    if member.replace(start..end).is_some() {
                        return Err(named(CheckpointError::damaged("the member is there twice").got(shown(&block))));
                    }
                }
                other => return Err(named(refused_type(other.copied().unwrap_or(0), &block))),
            }
            pos = end.next_multiple_of(BLOCK);
        }
        if pax.is_some() {
            return Err(CheckpointError::damaged("an extended header without a member"));
        }
        check_end(source, pos)?;
        Ok(members)
    }

    pub(super) fn storages(&self) -> Result<Range<u64>> {
        found(&self.storages, "storages")
    }

    pub(super) fn tensors(&self) -> Result<Range<u64>> {
        found(&self.tensors, "tensors")
    }

    pub(super) fn pickle(&self) -> Result<Range<u64>> {
        found(&self.pickle, "pickle")
    }

    /// The member that `block` is the header of.
    fn slot(&mut self, block: &[u8; 512]) -> Result<&mut Option<Range<u64>>> {
        let prefixed = text(block, MAGIC).starts_with(b"ustar") && !text(block, PREFIX).is_empty();
        match text(block, NAME) {
            b"sys_info" if !prefixed => Ok(&mut self.sys_info),
            b"storages" if !prefixed => Ok(&mut self.storages),
            b"tensors" if !prefixed => Ok(&mut self.tensors),
            b"pickle" if !prefixed => Ok(&mut self.pickle),
            _ => Err(CheckpointError::not_a_checkpoint("this is a tar archive, but not one that PyTorch wrote")
                .expected("only members `sys_info`, `storages`, `tensors` and `pickle`")
                .got(shown(block))
                .fix("unpack it first if the checkpoint is inside")),
        }
    }
}

fn found(member: &Option<Range<u64>>, name: &str) -> Result<Range<u64>> {
    let missing = || CheckpointError::damaged("the tar archive lacks a member").expected(format_args!("`{name}`"));
    member.clone().ok_or_else(missing)
}

fn block_at(source: &Source, pos: u64) -> Result<[u8; 512]> {
    let mut block = [0; 512];
    if pos.checked_add(BLOCK).is_none_or(|end| end > source.len()) {
        return Err(CheckpointError::damaged("the tar archive has no end").fix("the file is cut; download it again"));
    }
    source.read_at(pos, &mut block)?;
    Ok(block)
}

/// The offset after the data of the member whose header is `block`.
fn data_end(block: &[u8; 512], start: u64, source: &Source) -> Result<u64> {
    check_sum(block)?;
    let size = number(block, SIZE).map_err(|error| error.at("size"))?;
    start.checked_add(size).filter(|end| *end <= source.len()).ok_or_else(|| {
        let error = CheckpointError::damaged("the member reaches past the end of the file").got(shown(block));
        error.expected(format_args!("at most {} bytes", source.len().saturating_sub(start)))
    })
}

/// Two blocks of zeros, and zeros up to a whole record, which some tools leave out: what is more would be seen by some
/// readers and not by others.
fn check_end(source: &Source, pos: u64) -> Result<()> {
    let rest = source.len().saturating_sub(pos);
    if !rest.is_multiple_of(BLOCK) || !(2 * BLOCK..=RECORD + BLOCK).contains(&rest) {
        return Err(CheckpointError::damaged("the tar archive does not end as it should")
            .expected(format_args!("two blocks of zeros, padded to {RECORD} bytes or not"))
            .got(format_args!("{rest} bytes after the last member"))
            .fix("the file is cut, or something was added; download it again"));
    }
    let padding = source.read_vec(pos, rest)?;
    match padding.iter().position(|byte| *byte != 0) {
        None => Ok(()),
        Some(_) => Err(CheckpointError::damaged("there are bytes after the end of the tar archive")),
    }
}

/// The sum of all bytes, with the field itself counted as spaces.
fn check_sum(block: &[u8; 512]) -> Result<()> {
    let byte = |(at, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&at) { b' ' } else { *byte });
    let sum: u64 = block.iter().enumerate().map(byte).sum();
    let expected = number(block, CHECKSUM)?;
    if sum == expected {
        return Ok(());
    }
    Err(CheckpointError::damaged("the checksum of a tar header is wrong").expected(expected).got(sum))
}

/// An octal number. GNU's binary numbers, for sizes over 8 GiB and for negative ones, are refused.
fn number(block: &[u8; 512], range: Range<usize>) -> Result<u64> {
    let field = block.get(range).unwrap_or_default();
    let invalid = || CheckpointError::damaged("a number in a tar header is not octal").got(field.escape_ascii());
    let end = field.iter().rposition(|byte| !matches!(byte, 0 | b' ')).map_or(0, |last| last.saturating_add(1));
    let digits = field.get(..end).unwrap_or_default().trim_ascii_start();
    if digits.is_empty() {
        return Err(invalid());
    }
    digits
        .iter()
        .try_fold(0u64, |number, digit| match digit {
            b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit.saturating_sub(b'0'))),
            _ => None,
        })
        .ok_or_else(invalid)
}

/// A field of text, up to its first NUL.
fn text(block: &[u8; 512], range: Range<usize>) -> &[u8] {
    let field = block.get(range).unwrap_or_default();
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn shown(block: &[u8; 512]) -> String {
    format!("`{}`", text(block, NAME).escape_ascii())
}

fn refused_type(kind: u8, block: &[u8; 512]) -> CheckpointError {
    let what = match kind {
        b'1' | b'2' => "a link",
        b'5' => "a folder",
        b'S' => "a sparse file",
        b'x' | b'g' => "an extended header",
        b'L' | b'K' => "a long name",
        _ => "a special file",
    };
    CheckpointError::not_a_checkpoint(format_args!(
        "this is a tar archive with {what} in it, which PyTorch never wrote"
    ))
    .got(shown(block))
    .fix("unpack it first if the checkpoint is inside")
}

/// What an extended header (pax) repeats of the header after it.
#[derive(Default)]
struct Extended {
    size: Option<u64>,
    path: Option<Vec<u8>>,
}

impl Extended {
    fn parse(source: &Source, start: u64, end: u64) -> Result<Self> {
        let len = end.saturating_sub(start);
        if len > PAX_BYTES {
            return Err(CheckpointError::damaged("an extended header is too long")
                .expected(format_args!("at most {PAX_BYTES} bytes"))
                .got(len));
        }
        let bytes = source.read_vec(start, len)?;
        let (mut rest, mut extended) = (bytes.as_slice(), Self::default());
        while !rest.is_empty() {
            let (key, value, after) =
                record(rest).ok_or_else(|| CheckpointError::damaged("an extended header is malformed"))?;
            rest = after;
            let twice = match key {
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    let size =
                        size.ok_or_else(|| CheckpointError::damaged("the size in an extended header is invalid"))?;
                    extended.size.replace(size).is_some()
                }
                b"path" => extended.path.replace(value.to_vec()).is_some(),
                other if HARMLESS.iter().any(|key| key.as_bytes() == other) => false,
                other => {
                    let error = CheckpointError::unsupported("an extended header with a key that PyTorch never wrote");
                    return Err(error.got(format_args!("`{}`", other.escape_ascii())));
                }
            };
            if twice {
                return Err(CheckpointError::damaged("an extended header says one thing twice"));
            }
        }
        Ok(extended)
    }
}

/// The first `<length> <key>=<value>\n`, and what follows it.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let digits = bytes.get(..space).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let len: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let (record, after) = bytes.split_at_checked(len)?;
    let content = record.get(space.checked_add(1)?..)?.strip_suffix(b"\n")?;
    let equals = content.iter().position(|byte| *byte == b'=')?;
    Some((content.get(..equals)?, content.get(equals.checked_add(1)?..)?, after))
}

/// Readers differ in which of two sizes or names they believe (CVE-2025-62518).
fn check_extended(extended: Option<Extended>, block: &[u8; 512], size: u64) -> Result<()> {
    let Some(extended) = extended else { return Ok(()) };
    if extended.size.is_some_and(|other| other != size) {
        let error = CheckpointError::damaged("the extended header has another size than the header");
        return Err(error.expected(size).got(extended.size.unwrap_or_default()));
    }
    match extended.path {
        Some(path) if path != text(block, NAME) => {
            Err(CheckpointError::damaged("the extended header has another name than the header")
                .expected(shown(block))
                .got(format_args!("`{}`", path.escape_ascii())))
        }
        _ => Ok(()),
    }
}
