//! An integer of more than 64 bits.

use std::fmt;
use std::sync::Arc;

/// A Python integer that does not fit an `i64`, as the shortest little-endian two's complement.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt(Arc<[u8]>);

impl BigInt {
    /// The integer of `bytes`, little-endian two's complement of any length; `Ok` if it fits an `i64`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<i64, Self> {
        let bytes = shortest(bytes);
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut small = if negative { [0xff; 8] } else { [0; 8] };
        match small.get_mut(..bytes.len()) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Ok(i64::from_le_bytes(small))
            }
            None => Err(Self(bytes.into())),
        }
    }

    /// Little-endian two's complement, the shortest that keeps the sign.
    pub fn to_le_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value as an `i128`, if it fits.
    pub fn as_i128(&self) -> Option<i128> {
        let negative = self.0.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = if negative { [0xff; 16] } else { [0; 16] };
        wide.get_mut(..self.0.len())?.copy_from_slice(&self.0);
        Some(i128::from_le_bytes(wide))
    }
}

/// Without the bytes that only repeat the sign.
fn shortest(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., next, last] = bytes {
        let repeats_sign = matches!((last, next & 0x80), (0, 0) | (0xff, 0x80));
        if !repeats_sign {
            break;
        }
        bytes = bytes.get(..rest.len().saturating_add(1)).unwrap_or_default();
    }
    bytes
}

/// Decimal up to 128 bits; beyond, the two's complement in hexadecimal (a decimal of 64 KiB takes seconds to make).
impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Enough to recognise a number in a message.
        const SHOWN: usize = 32;
        if let Some(value) = self.as_i128() {
            return write!(f, "{value}");
        }
        f.write_str("0x")?;
        self.0.iter().rev().take(SHOWN).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.0.len() > SHOWN { write!(f, "... ({} bytes)", self.0.len()) } else { Ok(()) }
    }
}

impl fmt::Debug for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_integers_are_plain() {
        assert_eq!(BigInt::parse(&[]), Ok(0));
        assert_eq!(BigInt::parse(&[0xff]), Ok(-1));
        assert_eq!(BigInt::parse(&[0xff, 0]), Ok(255));
        assert_eq!(BigInt::parse(&[0; 100]), Ok(0));
        assert_eq!(BigInt::parse(&[0xff; 100]), Ok(-1));
        assert_eq!(BigInt::parse(&i64::MIN.to_le_bytes()), Ok(i64::MIN));
    }

    #[test]
    fn long_integers_keep_every_bit() {
        let magic = 0x1950_a86a_20f9_469c_fc6c_i128;
        for value in [magic, -magic, i128::from(u64::MAX), i128::MIN] {
            let big = BigInt::parse(&value.to_le_bytes()).unwrap_err();
            assert_eq!(big.as_i128(), Some(value));
            assert_eq!(big.to_string(), value.to_string());
        }
        assert_eq!(BigInt::parse(&[1; 17]).unwrap_err().to_string(), format!("0x{}", "01".repeat(17)));
    }
}
