//! One entry of a zip archive: what the directory says of it, and whether the file agrees.

use super::fields::Fields;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::record::Record;
use crate::checkpoint::source::Source;
use crate::checkpoint::window::Window;

const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";

/// Bytes of a local header without name and extra fields.
const LOCAL_BYTES: usize = 30;
const LOCAL_LEN: u64 = 30;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Flags: how hard the deflater tried (1, 2), sizes in a descriptor behind the data (3), UTF-8 name (11).
const ALLOWED_FLAGS: u16 = 0b1000_0000_1110;
const ENCRYPTED_FLAGS: u16 = 0b0010_0000_0100_0001;
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// The extra field that holds what does not fit 32 bits.
const ZIP64_EXTRA: u16 = 1;

/// The attribute of a folder on DOS: PyTorch reads an entry with it as zeros, whatever its bytes are.
const DOS_FOLDER: u32 = 0x10;

/// The type bits of a Unix file mode, and those of a symbolic link.
const MODE_TYPE: u32 = 0o170_000;
const MODE_LINK: u32 = 0o120_000;

/// An entry of the central directory.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    /// The offset of the local header.
    pub(super) header: u64,
    flags: u16,
    method: u16,
    crc: u32,
    /// Bytes in the file, and bytes of the contents.
    packed: u64,
    len: u64,
}

impl<'a> Entry<'a> {
    /// The next entry of the directory.
    pub(super) fn parse(fields: &mut Fields<'a>) -> Result<Self> {
        fields.signature(CENTRAL, "directory entry")?;
        let _versions = fields.u32()?;
        let (flags, method, _time) = (fields.u16()?, fields.u16()?, fields.u32()?);
        let (crc, packed, len) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_len, extra_len, comment_len) = (fields.u16()?, fields.u16()?, fields.u16()?);
        let (disk, _attributes, mode, header) = (fields.u16()?, fields.u16()?, fields.u32()?, fields.u32()?);
        let name = fields.bytes(name_len)?;
        let extra = fields.bytes(extra_len)?;
        fields.bytes(comment_len)?;
        let name =
            std::str::from_utf8(name).map_err(|_| CheckpointError::damaged("the name of an entry is not UTF-8"))?;
        let mut wide = [len.into(), packed.into(), header.into()];
        widen(&mut wide, extra).map_err(|error| error.at(format_args!("entry `{name}`")))?;
        let [len, packed, header] = wide;
        let entry = Self { name, header, flags, method, crc, packed, len };
        match entry.check(disk, mode) {
            Ok(()) => Ok(entry),
            Err(error) => Err(entry.named(error)),
        }
    }

    /// Whether this is a folder: it has a name and nothing else.
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    fn check(&self, disk: u16, attributes: u32) -> Result<()> {
        let name = self.name.as_bytes();
        if name.iter().any(|byte| matches!(byte, 0 | b'\\'))
            || name.rsplit(|byte| *byte == b'/').skip(1).any(|part| matches!(part, b"" | b"." | b".."))
            || name.ends_with(b"/..")
        {
            return Err(CheckpointError::damaged("the name is no plain path inside the archive"));
        }
        if self.flags & ENCRYPTED_FLAGS != 0 {
            return Err(CheckpointError::unsupported("the entry is encrypted"));
        }
        if self.flags & !ALLOWED_FLAGS != 0 {
            return Err(
                CheckpointError::unsupported("the entry has unknown flags").got(format_args!("{:#06x}", self.flags))
            );
        }
        if attributes & DOS_FOLDER != 0 && !self.is_folder() {
            return Err(CheckpointError::damaged("the entry has the attribute of a folder and the name of a file"));
        }
        if (attributes >> 16) & MODE_TYPE == MODE_LINK {
            return Err(CheckpointError::unsupported("the entry is a symbolic link"));
        }
        if disk != 0 {
            return Err(CheckpointError::unsupported("the entry is on another disk"));
        }
        match self.method {
            STORED if self.packed != self.len => {
                Err(CheckpointError::damaged("a stored entry has two sizes").expected(self.packed).got(self.len))
            }
            STORED | DEFLATED if self.is_folder() && self.len != 0 => {
                Err(CheckpointError::damaged("a folder has contents"))
            }
            STORED | DEFLATED => Ok(()),
            method => Err(CheckpointError::unsupported("the compression method is unknown")
                .expected("stored (0) or deflated (8)")
                .got(method)),
        }
    }

    /// Compares the local header and the descriptor with the directory. The entry must end at `end`, where the next
    /// one or the directory starts: bytes between entries are seen by some readers and not by others.
    pub(super) fn locate(&self, window: &mut Window<'_>, end: u64) -> Result<Record> {
        self.locate_unnamed(window, end).map_err(|error| self.named(error))
    }

    fn locate_unnamed(&self, window: &mut Window<'_>, end: u64) -> Result<Record> {
        let room = end.saturating_sub(self.header);
        if room < LOCAL_LEN {
            return Err(CheckpointError::damaged("the entry overlaps the next one"));
        }
        let fixed = window.array::<LOCAL_BYTES>(self.header)?;
        let variable = self.check_local(window, &mut Fields(&fixed), room)?;
        let start = self.header.saturating_add(LOCAL_LEN).saturating_add(variable);
        let data_end = start.checked_add(self.packed).filter(|data_end| *data_end <= end);
        let data_end = data_end.ok_or_else(|| CheckpointError::damaged("the entry overlaps the next one"))?;
        self.check_descriptor(window, data_end, end.saturating_sub(data_end))?;
        let (deflated, crc) = ((self.method == DEFLATED).then_some(self.packed), (self.crc != 0).then_some(self.crc));
        let record = Record { start, len: self.len, deflated, crc };
        self.check_inflation(window.source())?;
        Ok(record)
    }

    /// The bytes of the name and the extra fields in the local header, which must repeat the directory.
    fn check_local(&self, window: &mut Window<'_>, fields: &mut Fields<'_>, room: u64) -> Result<u64> {
        fields.signature(LOCAL, "local header")?;
        let _version = fields.u16()?;
        let (flags, method, _time) = (fields.u16()?, fields.u16()?, fields.u32()?);
        let (crc, packed, len) = (fields.u32()?, fields.u32()?, fields.u32()?);
        let (name_len, extra_len) = (fields.u16()?, fields.u16()?);
        let variable = u64::from(name_len).saturating_add(extra_len.into());
        if room.saturating_sub(LOCAL_LEN) < variable {
            return Err(CheckpointError::damaged("the entry overlaps the next one"));
        }
        let mut rest = Fields(window.read(self.header.saturating_add(LOCAL_LEN), variable)?);
        let (name, extra) = (rest.bytes(name_len)?, rest.bytes(extra_len)?);
        if name != self.name.as_bytes() {
            let got = String::from_utf8_lossy(name);
            return Err(CheckpointError::damaged("the local header has another name than the directory")
                .got(format_args!("`{got}`")));
        }
        // PyTorch leaves the sizes zero here, and still adds a zip64 field to large entries and behind 4 GiB.
        let deferred =
            flags & HAS_DESCRIPTOR != 0 && crc == 0 && [len, packed].iter().all(|size| matches!(*size, 0 | u32::MAX));
        let mut sizes = [len.into(), packed.into()];
        if !deferred && [len, packed].contains(&u32::MAX) {
            widen(&mut sizes, extra)?;
        }
        let repeats = crc == self.crc && sizes == [self.len, self.packed];
        if flags != self.flags || method != self.method || !(deferred || repeats) {
            let told = |flags: u16, method: u16, [len, packed]: [u64; 2], crc: u32| {
                format!("flags {flags:#x}, method {method}, {len} bytes stored as {packed}, CRC-32 {crc:08x}")
            };
            return Err(CheckpointError::damaged("the local header contradicts the directory")
                .expected(told(self.flags, self.method, [self.len, self.packed], self.crc))
                .got(told(flags, method, sizes, crc)));
        }
        Ok(variable)
    }

    /// What stands between the data and the next entry: a descriptor that repeats the directory, or nothing.
    fn check_descriptor(&self, window: &mut Window<'_>, at: u64, len: u64) -> Result<()> {
        let gap = || {
            CheckpointError::damaged("there are bytes between this entry and the next").got(format_args!("{len} bytes"))
        };
        let (signed, wide) = match (self.flags & HAS_DESCRIPTOR != 0, len) {
            (false, 0) => return Ok(()),
            (true, 12) => (false, false),
            (true, 16) => (true, false),
            (true, 20) => (false, true),
            (true, 24) => (true, true),
            (true, 0) => {
                return Err(CheckpointError::damaged("the flags say that a data descriptor follows, and none does"));
            }
            _ => return Err(gap()),
        };
        let mut fields = Fields(window.read(at, len)?);
        if signed {
            fields.signature(DESCRIPTOR, "data descriptor")?;
        }
        let crc = fields.u32()?;
        let mut size = || if wide { fields.u64() } else { fields.u32().map(u64::from) };
        let (packed, len) = (size()?, size()?);
        if (crc, packed, len) != (self.crc, self.packed, self.len) {
            return Err(CheckpointError::damaged("the data descriptor contradicts the directory"));
        }
        Ok(())
    }

    /// A deflate stream makes at most 1032 bytes of one.
    fn check_inflation(&self, source: &Source) -> Result<()> {
        const MOST: u64 = 1032;
        const ALWAYS_ALLOWED: u64 = 100;
        if self.method != DEFLATED {
            return Ok(());
        }
        if self.len > self.packed.saturating_mul(MOST) {
            return Err(CheckpointError::damaged("the entry cannot inflate to so much")
                .expected(self.len)
                .got(format_args!("{} deflated bytes", self.packed)));
        }
        let limit = source.limits().inflated_bytes.max(source.len().saturating_mul(ALWAYS_ALLOWED));
        if self.len > limit {
            return Err(CheckpointError::limit("the entry inflates to too much", "inflated_bytes", limit, self.len));
        }
        Ok(())
    }

    fn named(&self, error: CheckpointError) -> CheckpointError {
        error.at(format_args!("entry `{}`", self.name))
    }
}

/// Replaces the sizes that are 0xFFFFFFFF by those in the zip64 extra field, which holds exactly these in order.
fn widen(sizes: &mut [u64], extra: &[u8]) -> Result<()> {
    let mut fields = Fields(extra);
    let mut wide = None;
    while !fields.0.is_empty() {
        let (tag, len) = (fields.u16()?, fields.u16()?);
        let data = fields.bytes(len)?;
        if tag == ZIP64_EXTRA && wide.replace(data).is_some() {
            return Err(CheckpointError::damaged("there are two zip64 fields"));
        }
    }
    let mut fields = Fields(wide.unwrap_or_default());
    for size in sizes.iter_mut().filter(|size| **size == u64::from(u32::MAX)) {
        match wide {
            Some(_) => *size = fields.u64()?,
            None => return Err(CheckpointError::damaged("a size is said to be in a zip64 field, and there is none")),
        }
    }
    if !fields.0.is_empty() {
        return Err(CheckpointError::damaged("the zip64 field holds more than the header asks for"));
    }
    Ok(())
}
