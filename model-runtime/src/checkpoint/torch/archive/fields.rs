//! A cursor over the little-endian fields of a zip header.

use crate::checkpoint::error::{CheckpointError, Result};

/// The fields that are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn bytes(&mut self, len: u16) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len.into()).ok_or_else(short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Passes a four-byte signature, or names what should have been there.
    pub(super) fn signature(&mut self, expected: &[u8; 4], what: &str) -> Result<()> {
        let got: [u8; 4] = self.array()?;
        if got == *expected {
            return Ok(());
        }
        let error = CheckpointError::damaged(format_args!("there is no {what} where one should be"));
        Err(error
            .expected(format_args!("the bytes `{}`", expected.escape_ascii()))
            .got(format_args!("`{}`", got.escape_ascii())))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(short)?;
        self.0 = rest;
        Ok(*taken)
    }
}

fn short() -> CheckpointError {
    CheckpointError::damaged("a header of the zip archive is cut short")
}
