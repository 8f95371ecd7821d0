//! One run of bytes in a checkpoint file: where it starts, whether it is deflated, and its checksum.

use std::io::{self, BufReader, Read};

use flate2::bufread::DeflateDecoder;

use super::error::{CheckpointError, Result};
use super::source::Source;
use super::window::Window;

/// Bytes that are checked or skipped at a time.
const CHUNK: usize = 64 << 10;

/// The place of a record's bytes. All numbers were compared with the file when it was opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    /// Offset of the first byte in the file.
    pub(crate) start: u64,
    /// Bytes of the contents.
    pub(crate) len: u64,
    /// Bytes in the file, for a deflated record.
    pub(crate) deflated: Option<u64>,
    /// CRC-32 of the contents; `None` where the file has none.
    pub(crate) crc: Option<u32>,
}

impl Record {
    /// A run of plain bytes without a checksum.
    pub(crate) fn plain(start: u64, len: u64) -> Self {
        Self { start, len, deflated: None, crc: None }
    }

    /// The whole contents, with the checksum checked.
    pub(crate) fn read(&self, source: &Source) -> Result<Vec<u8>> {
        let bytes = match self.deflated {
            None => source.read_vec(self.start, self.len)?,
            Some(_) => self.inflate(source)?,
        };
        self.check_crc(crc32fast::hash(&bytes))?;
        Ok(bytes)
    }

    /// As [`read`](Self::read), from what `window` holds if it holds the record.
    pub(super) fn read_from(&self, window: &Window<'_>) -> Result<Vec<u8>> {
        if self.deflated.is_some() {
            return self.read(window.source());
        }
        let bytes = window.copy(self.start, self.len)?;
        self.check_crc(crc32fast::hash(&bytes))?;
        Ok(bytes)
    }

    /// A part of the contents; the checksum is of the whole and cannot be checked.
    pub(crate) fn read_into(&self, source: &Source, offset: u64, out: &mut [u8]) -> Result<()> {
        let end = u64::try_from(out.len()).ok().and_then(|len| offset.checked_add(len));
        if end.is_none_or(|end| end > self.len) {
            let error = CheckpointError::argument("a read past the end of the record");
            return Err(error
                .expected(format_args!("at most {} bytes", self.len))
                .got(format_args!("offset {offset}, {} bytes", out.len())));
        }
        if self.deflated.is_none() {
            // `start + len` is inside the file, so that the sum cannot overflow.
            return source.read_at(self.start.saturating_add(offset), out);
        }
        let mut reader = self.reader(source);
        let skipped = io::copy(&mut reader.by_ref().take(offset), &mut io::sink()).map_err(deflate_error)?;
        if skipped != offset {
            return Err(self.length_error("fewer"));
        }
        reader.read_exact(out).map_err(deflate_error)
    }

    /// Reads everything once, in small steps, and compares length and checksum.
    pub(crate) fn verify(&self, source: &Source) -> Result<()> {
        self.read_pieces(source, &mut vec![0; CHUNK], |_| Ok(()))
    }

    /// Reads everything once, through `buffer`, and hands each piece to `each`; then compares length and checksum.
    pub(crate) fn read_pieces<E: From<CheckpointError>>(
        &self,
        source: &Source,
        buffer: &mut [u8],
        mut each: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut reader = self.reader(source);
        let mut hasher = crc32fast::Hasher::new();
        let (most, mut left) = (buffer.len(), self.len);
        while left > 0 {
            let step = usize::try_from(left).unwrap_or(most).min(most);
            let piece = buffer.get_mut(..step).unwrap_or_default();
            reader.read_exact(piece).map_err(deflate_error)?;
            hasher.update(piece);
            each(piece)?;
            left = left.saturating_sub(u64::try_from(step).unwrap_or(left));
        }
        if self.deflated.is_some() && reader.read(&mut [0]).map_err(deflate_error)? != 0 {
            return Err(self.length_error("more").into());
        }
        Ok(self.check_crc(hasher.finalize())?)
    }

    fn inflate(&self, source: &Source) -> Result<Vec<u8>> {
        // Grows as bytes arrive: a record that lies about its length must not decide how much is allocated.
        let mut bytes = Vec::new();
        self.reader(source).take(self.len.saturating_add(1)).read_to_end(&mut bytes).map_err(deflate_error)?;
        match u64::try_from(bytes.len()).unwrap_or(u64::MAX).cmp(&self.len) {
            std::cmp::Ordering::Equal => Ok(bytes),
            std::cmp::Ordering::Less => Err(self.length_error("fewer")),
            std::cmp::Ordering::Greater => Err(self.length_error("more")),
        }
    }

    pub(super) fn reader<'a>(&self, source: &'a Source) -> Box<dyn Read + 'a> {
        let stored = self.deflated.unwrap_or(self.len);
        let window = Part { source, pos: self.start, left: stored };
        match self.deflated {
            None => Box::new(window),
            Some(_) => Box::new(DeflateDecoder::new(BufReader::new(window))),
        }
    }

    pub(super) fn check_crc(&self, got: u32) -> Result<()> {
        match self.crc {
            Some(expected) if expected != got => Err(CheckpointError::damaged("the checksum does not match the bytes")
                .expected(format_args!("CRC-32 {expected:08x}"))
                .got(format_args!("{got:08x}"))
                .fix("the file was damaged on the way here; copy or download it again")),
            _ => Ok(()),
        }
    }

    pub(super) fn length_error(&self, how: &str) -> CheckpointError {
        CheckpointError::damaged("the record inflates to another length than the directory says")
            .expected(format_args!("{} bytes", self.len))
            .got(format_args!("{how} bytes"))
    }
}

pub(super) fn deflate_error(error: io::Error) -> CheckpointError {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            CheckpointError::damaged("the deflated bytes are no deflate stream")
        }
        io::ErrorKind::UnexpectedEof => CheckpointError::damaged("the record ends early"),
        _ => CheckpointError::io("cannot read the record", error),
    }
}

/// A [`Read`] over a part of the source.
struct Part<'a> {
    source: &'a Source,
    pos: u64,
    left: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let out = out.get_mut(..len).unwrap_or_default();
        self.source.read_exact_at(self.pos, out).map_err(|error| match error.kind() {
            // Of another kind than the end of a deflate stream: this is not what the file said when it was opened.
            io::ErrorKind::UnexpectedEof => io::Error::other("the file became shorter while it was open"),
            _ => error,
        })?;
        let read = u64::try_from(len).unwrap_or(self.left);
        self.pos = self.pos.saturating_add(read);
        self.left = self.left.saturating_sub(read);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::checkpoint::limits::Limits;

    fn deflated(contents: &[u8]) -> (Source, Record) {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(contents).unwrap();
        let bytes = encoder.finish().unwrap();
        let deflated = Some(bytes.len() as u64);
        let crc = Some(crc32fast::hash(contents));
        let source = Source::memory(bytes, Limits::default());
        (source, Record { start: 0, len: contents.len() as u64, deflated, crc })
    }

    #[test]
    fn a_deflated_record_reads_whole_and_in_parts() {
        let contents: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
        let (source, record) = deflated(&contents);
        assert_eq!(record.read(&source).unwrap(), contents);
        record.verify(&source).unwrap();
        let mut part = [0; 7];
        record.read_into(&source, 123_456, &mut part).unwrap();
        assert_eq!(part, contents[123_456..123_463]);
    }

    #[test]
    fn a_lie_about_the_length_is_an_error() {
        let (source, record) = deflated(&[7; 1000]);
        for len in [0, 999, 1001, 1 << 40] {
            let record = Record { len, ..record };
            assert!(record.read(&source).is_err());
            assert!(record.verify(&source).is_err());
        }
    }

    #[test]
    fn a_flipped_bit_is_an_error() {
        let source = Source::memory(b"hellp".to_vec(), Limits::default());
        let record = Record { crc: Some(crc32fast::hash(b"hello")), ..Record::plain(0, 5) };
        for error in [record.read(&source).unwrap_err(), record.verify(&source).unwrap_err()] {
            assert!(error.to_string().contains("checksum"), "{error}");
        }
    }

    #[test]
    fn a_read_past_the_end_is_an_error() {
        let source = Source::memory(vec![0; 9], Limits::default());
        let mut out = [0; 4];
        assert!(Record::plain(0, 5).read_into(&source, 2, &mut out).is_err());
        assert!(Record::plain(0, 5).read_into(&source, u64::MAX, &mut out).is_err());
        assert!(Record::plain(0, 5).read_into(&source, 1, &mut out).is_ok());
    }
}
