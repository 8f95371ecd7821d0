//! The zip container as PyTorch's writer lays it out: stored records, aligned by an extra field, sizes after the data.
//!
//! PyTorch computes where the bytes of a storage are without reading the directory, so every byte counts.
//! <https://github.com/pytorch/pytorch/blob/v2.9.0/caffe2/serialize/inline_container.cc>

use std::io::{self, Write};
use std::path::Path;

use super::fingerprint::fingerprint;
use crate::checkpoint::counted::Counted;
use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::replace::Failure;

/// Every record starts at a multiple of this.
const ALIGNMENT: u64 = 64;
/// Sizes and offsets from here on need the fields of zip64.
const ZIP64: u64 = 0xffff_ffff;
/// Bytes of a local header without its name.
const LOCAL_HEADER: u64 = 30;
/// Names are UTF-8.
const UTF_8: u16 = 1 << 11;
/// The sizes follow the data.
const DESCRIPTOR: u16 = 1 << 3;
/// Where PyTorch does not know a name: a stream, or a path that is not ASCII.
const UNNAMED: &str = "archive";

/// The name of the folder in the archive: the file's name without its last extension.
pub(crate) fn archive_name(path: &Path) -> String {
    let text = path.to_str().filter(|text| text.is_ascii());
    let name = text.and_then(|text| text.rsplit(['/', '\\']).next()).unwrap_or(UNNAMED);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.is_empty() { UNNAMED.to_owned() } else { stem.to_owned() }
}

/// An archive that is being written, to anything that takes bytes in order.
pub(super) struct ZipWriter<'a> {
    out: &'a mut dyn Write,
    archive: &'a str,
    position: u64,
    directory: Vec<u8>,
    /// Names without the folder of all records so far, and the checksums of those that are not empty.
    names: Vec<String>,
    checksums: Vec<u32>,
}

/// One record, as its headers describe it.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    name: &'a str,
    offset: u64,
    size: u64,
    crc: u32,
}

impl<'a> ZipWriter<'a> {
    pub(super) fn new(out: &'a mut dyn Write, archive: &'a str) -> Self {
        Self { out, archive, position: 0, directory: Vec::new(), names: Vec::new(), checksums: Vec::new() }
    }

    /// Writes a record that is in memory.
    pub(super) fn record(&mut self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.stream(name, bytes.len(), |out| Ok(out.write_all(bytes)?))
    }

    /// Writes a record of `size` bytes, which `contents` writes: the checksum comes after them.
    pub(super) fn stream(
        &mut self,
        name: &str,
        size: usize,
        contents: impl FnOnce(&mut dyn Write) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let full = format!("{}/{name}", self.archive);
        let len = u64::try_from(size).unwrap_or(u64::MAX);
        let mut record = Record { name: &full, offset: self.position, size: len, crc: 0 };
        self.put(&record.local_header()?)?;
        let mut hasher = crc32fast::Hasher::new();
        let mut counted = Counted::new(&mut *self.out, |piece| hasher.update(piece));
        contents(&mut counted)?;
        counted.finish(size).map_err(|failure| failure.map(|error| error.at(name)))?;
        record.crc = hasher.finalize();
        self.position = self.position.saturating_add(len);
        self.put(&record.descriptor())?;
        self.directory.extend(record.central_entry()?);
        self.names.push(name.to_owned());
        if size != 0 {
            self.checksums.push(record.crc);
        }
        Ok(())
    }

    /// Writes the id and the directory.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let id = fingerprint(&self.names, &self.checksums);
        self.record(".data/serialization_id", id.as_bytes())?;
        let (start, directory) = (self.position, std::mem::take(&mut self.directory));
        self.put(&directory)?;
        let end = end_records(self.names.len(), start, self.position);
        Ok(self.put(&end)?)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.position = self.position.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }
}

impl Record<'_> {
    fn flags(&self) -> u16 {
        if self.size > 0 { UTF_8 | DESCRIPTOR } else { UTF_8 }
    }

    /// The fields that do not fit 32 bits, with their head; empty if all do.
    fn zip64(&self) -> Vec<u8> {
        self.zip64_with(self.size)
    }

    /// The same with another size of what is stored: before the data miniz does not know it and writes zero.
    fn zip64_with(&self, stored: u64) -> Vec<u8> {
        let mut fields = Vec::new();
        if self.size >= ZIP64 {
            fields.extend([self.size.to_le_bytes(), stored.to_le_bytes()].concat());
        }
        if self.offset >= ZIP64 {
            fields.extend(self.offset.to_le_bytes());
        }
        match u16::try_from(fields.len()) {
            Ok(len) if len > 0 => [1u16.to_le_bytes().as_slice(), &len.to_le_bytes(), &fields].concat(),
            _ => fields,
        }
    }

    fn name_len(&self) -> Result<u16, CheckpointError> {
        let too_long = |_| CheckpointError::unsupported("the file's name is too long for a record of an archive");
        u16::try_from(self.name.len()).map_err(too_long)
    }

    /// The header before the data. Sizes and checksum are zero: they follow in the descriptor.
    fn local_header(&self) -> Result<Vec<u8>, CheckpointError> {
        let (name_len, zip64) = (self.name_len()?, self.zip64_with(0));
        let extra = u64::try_from(zip64.len()).unwrap_or_default().saturating_add(4);
        let unpadded = self.offset.saturating_add(LOCAL_HEADER).saturating_add(name_len.into()).saturating_add(extra);
        let padding = unpadded.next_multiple_of(ALIGNMENT).saturating_sub(unpadded);
        let field = |value: u64| u16::try_from(value).unwrap_or_default().to_le_bytes();
        let mut header = b"PK\x03\x04\0\0".to_vec();
        header.extend(self.flags().to_le_bytes());
        header.extend([0; 18]);
        header.extend(name_len.to_le_bytes());
        header.extend(field(extra.saturating_add(padding)));
        header.extend(self.name.as_bytes());
        header.extend(zip64);
        header.extend(b"FB");
        header.extend(field(padding));
        header.extend(std::iter::repeat_n(b'Z', usize::try_from(padding).unwrap_or_default()));
        Ok(header)
    }

    /// Checksum and sizes after the data. An empty record has none.
    fn descriptor(&self) -> Vec<u8> {
        if self.size == 0 {
            return Vec::new();
        }
        let head = [b"PK\x07\x08".as_slice(), &self.crc.to_le_bytes()].concat();
        if self.zip64().is_empty() {
            [head.as_slice(), &capped(self.size), &capped(self.size)].concat()
        } else {
            [head.as_slice(), &self.size.to_le_bytes(), &self.size.to_le_bytes()].concat()
        }
    }

    fn central_entry(&self) -> Result<Vec<u8>, CheckpointError> {
        let zip64 = self.zip64();
        let mut entry = b"PK\x01\x02\0\0\0\0".to_vec();
        entry.extend(self.flags().to_le_bytes());
        entry.extend([0; 6]);
        entry.extend(self.crc.to_le_bytes());
        entry.extend([capped(self.size), capped(self.size)].concat());
        entry.extend(self.name_len()?.to_le_bytes());
        entry.extend(u16::try_from(zip64.len()).unwrap_or_default().to_le_bytes());
        entry.extend([0; 10]);
        entry.extend(capped(self.offset));
        entry.extend(self.name.as_bytes());
        entry.extend(zip64);
        Ok(entry)
    }
}

/// The end records of a directory from `start` to `end`: always those of zip64 too.
fn end_records(count: usize, start: u64, end: u64) -> Vec<u8> {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let size = end.saturating_sub(start);
    let short_count = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    let mut records = b"PK\x06\x06".to_vec();
    records.extend(44u64.to_le_bytes());
    records.extend(b"\x1e\x03\x2d\0\0\0\0\0\0\0\0\0");
    for field in [count, count, size, start] {
        records.extend(field.to_le_bytes());
    }
    records.extend(b"PK\x06\x07\0\0\0\0");
    records.extend(end.to_le_bytes());
    records.extend(1u32.to_le_bytes());
    records.extend(b"PK\x05\x06\0\0\0\0");
    records.extend([short_count, short_count].concat());
    records.extend([capped(size), capped(start)].concat());
    records.extend([0; 2]);
    records
}

/// The 32-bit field of a number that zip64 has in full.
fn capped(value: u64) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_is_named_as_pytorch_names_it() {
        let name = |path: &str| archive_name(Path::new(path));
        assert_eq!(name("folder/a.b.pt"), "a.b");
        assert_eq!(name("noext"), "noext");
        assert_eq!(name("модель.pt"), "archive");
        assert_eq!(name(".pt"), "archive");
    }

    #[test]
    fn records_past_4_gib_have_zip64_fields() {
        let record = Record { name: "a/data/1", offset: ZIP64, size: 5, crc: 7 };
        assert_eq!(record.zip64(), [1, 0, 8, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
        assert_eq!(record.descriptor().len(), 24);
        let header = record.local_header().unwrap();
        assert_eq!((ZIP64 + header.len() as u64) % ALIGNMENT, 0);
        let large = Record { offset: 64, size: ZIP64, ..record };
        assert_eq!(large.zip64(), [1, 0, 16, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
        let header = large.local_header().unwrap();
        assert_eq!(header[38..58], [1, 0, 16, 0, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(large.central_entry().unwrap()[20..28], [255; 8]);
        let small = Record { offset: 64, size: ZIP64 - 1, ..record };
        assert!(small.zip64().is_empty());
        assert_eq!(small.descriptor().len(), 16);
    }
}
