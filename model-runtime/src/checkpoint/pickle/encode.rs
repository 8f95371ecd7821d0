//! Writes pickles of protocol 2: the opcodes and the memo, byte for byte as CPython's C pickler writes them.

use std::collections::HashMap;

use super::opcode::OpCode;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::value::BigInt;

/// The protocol of `torch.save`, `DEFAULT_PROTOCOL` in `torch/serialization.py`.
const PROTOCOL: u8 = 2;
/// Elements that one `APPENDS` or `SETITEMS` takes, `BATCHSIZE` in CPython's `_pickle.c`.
pub(crate) const BATCH: usize = 1000;

/// What makes two values one object in Python: what was written before is written as a reference to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// A string by its text: one that Python has only once.
    Text(Box<str>),
    /// A class or function, by module and name.
    Global(Box<str>, Box<str>),
    /// A shared object, by its sort and its address.
    Object(&'static str, usize),
}

/// A pickle that is being written.
#[derive(Debug)]
pub(crate) struct Encoder {
    out: Vec<u8>,
    memo: HashMap<Identity, u32>,
    /// The index that the next object gets; objects that nothing can refer to again count too.
    next: u32,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        let mut encoder = Self { out: Vec::new(), memo: HashMap::new(), next: 0 };
        encoder.op(OpCode::Proto);
        encoder.out.push(PROTOCOL);
        encoder
    }

    /// Ends the pickle.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.op(OpCode::Stop);
        self.out
    }

    /// An opcode without an operand.
    pub(crate) fn op(&mut self, op: OpCode) {
        self.out.push(op.to_byte());
    }

    /// Memoises the object on top of the stack; without an identity nothing refers to it again.
    pub(crate) fn put(&mut self, identity: Option<Identity>) {
        let index = self.next;
        self.next = index.saturating_add(1);
        if let Some(identity) = identity {
            self.memo.insert(identity, index);
        }
        self.indexed(OpCode::BinPut, OpCode::LongBinPut, index);
    }

    /// Refers to the object if it was written before.
    pub(crate) fn get(&mut self, identity: &Identity) -> bool {
        let Some(index) = self.memo.get(identity).copied() else { return false };
        self.indexed(OpCode::BinGet, OpCode::LongBinGet, index);
        true
    }

    fn indexed(&mut self, short: OpCode, long: OpCode, index: u32) {
        if let Ok(index) = u8::try_from(index) {
            self.op(short);
            self.out.push(index);
        } else {
            self.op(long);
            self.out.extend(index.to_le_bytes());
        }
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.op(if value { OpCode::NewTrue } else { OpCode::NewFalse });
    }

    /// An integer, in the shortest of the four forms.
    pub(crate) fn int(&mut self, value: i64) {
        if let Ok(value) = u8::try_from(value) {
            self.op(OpCode::BinInt1);
            self.out.push(value);
        } else if let Ok(value) = u16::try_from(value) {
            self.op(OpCode::BinInt2);
            self.out.extend(value.to_le_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.op(OpCode::BinInt);
            self.out.extend(value.to_le_bytes());
        } else {
            // Of 64 bits every length fits the one byte.
            self.op(OpCode::Long1);
            let bytes = value.to_le_bytes();
            let bytes = shortest(&bytes);
            self.out.push(u8::try_from(bytes.len()).unwrap_or_default());
            self.out.extend(bytes);
        }
    }

    /// A count or a size.
    pub(crate) fn size(&mut self, value: usize) -> Result<()> {
        let value = i64::try_from(value).map_err(|_| CheckpointError::unsupported("a size of more than 63 bits"))?;
        self.int(value);
        Ok(())
    }

    /// # Errors
    /// More than 2 GiB of digits.
    pub(crate) fn big_int(&mut self, value: &BigInt) -> Result<()> {
        let bytes = value.to_le_bytes();
        if let Ok(len) = u8::try_from(bytes.len()) {
            self.op(OpCode::Long1);
            self.out.push(len);
        } else {
            self.op(OpCode::Long4);
            let len = i32::try_from(bytes.len()).map_err(|_| CheckpointError::unsupported("an integer over 2 GiB"))?;
            self.out.extend(len.to_le_bytes());
        }
        self.out.extend(bytes);
        Ok(())
    }

    pub(crate) fn float(&mut self, value: f64) {
        self.op(OpCode::BinFloat);
        self.out.extend(value.to_be_bytes());
    }

    /// A string that the pickling code has once, such as the name of a field.
    pub(crate) fn constant(&mut self, text: &str) -> Result<()> {
        self.utf8(text.as_bytes(), Some(Identity::Text(text.into())))
    }

    /// A string as UTF-8, in which lone surrogates are encoded as if they were characters.
    pub(crate) fn utf8(&mut self, bytes: &[u8], identity: Option<Identity>) -> Result<()> {
        if identity.as_ref().is_some_and(|identity| self.get(identity)) {
            return Ok(());
        }
        let len = u32::try_from(bytes.len())
            .map_err(|_| CheckpointError::unsupported("a string of more than 4 GiB, which protocol 2 cannot hold"))?;
        self.op(OpCode::BinUnicode);
        self.out.extend(len.to_le_bytes());
        self.out.extend(bytes);
        self.put(identity);
        Ok(())
    }

    /// A class or function.
    ///
    /// # Errors
    /// A name that would end the line that it is on.
    pub(crate) fn global(&mut self, module: &str, name: &str) -> Result<()> {
        let identity = Identity::Global(module.into(), name.into());
        if self.get(&identity) {
            return Ok(());
        }
        if [module, name].iter().any(|part| part.is_empty() || part.contains(['\n', '\r'])) {
            let error = CheckpointError::unsupported("the name of a class cannot be written");
            return Err(error.got(format_args!("`{module}.{name}`")));
        }
        self.op(OpCode::Global);
        for part in [module, name] {
            self.out.extend(part.as_bytes());
            self.out.push(b'\n');
        }
        self.put(Some(identity));
        Ok(())
    }

    /// A tuple of the sizes, which is a new object.
    pub(crate) fn sizes(&mut self, sizes: &[usize]) -> Result<()> {
        if sizes.len() > 3 {
            self.op(OpCode::Mark);
        }
        sizes.iter().try_for_each(|size| self.size(*size))?;
        self.tuple(sizes.len(), None);
        Ok(())
    }

    /// Ends a tuple of `len` elements, which for more than three started with a mark. The empty one is never memoised.
    pub(crate) fn tuple(&mut self, len: usize, identity: Option<Identity>) {
        self.op(match len {
            0 => return self.op(OpCode::EmptyTuple),
            1 => OpCode::Tuple1,
            2 => OpCode::Tuple2,
            3 => OpCode::Tuple3,
            _ => OpCode::Tuple,
        });
        self.put(identity);
    }

    /// `collections.OrderedDict()`, so far empty.
    pub(crate) fn ordered_dict(&mut self, identity: Option<Identity>) -> Result<()> {
        self.global("collections", "OrderedDict")?;
        self.op(OpCode::EmptyTuple);
        self.op(OpCode::Reduce);
        self.put(identity);
        Ok(())
    }

    /// `bytes`, which protocol 2 makes of a string of the characters with these numbers.
    pub(crate) fn bytes(&mut self, bytes: &[u8], identity: Option<Identity>) -> Result<()> {
        if bytes.is_empty() {
            self.global("__builtin__", "bytes")?;
            self.op(OpCode::EmptyTuple);
        } else {
            self.global("_codecs", "encode")?;
            let text: String = bytes.iter().copied().map(char::from).collect();
            // Decoding one byte gives the one string that Python has of it.
            let identity = (bytes.len() == 1).then(|| Identity::Text(text.as_str().into()));
            self.utf8(text.as_bytes(), identity)?;
            self.constant("latin1")?;
            self.tuple(2, None);
        }
        self.op(OpCode::Reduce);
        self.put(identity);
        Ok(())
    }
}

/// Little-endian two's complement without the bytes that only repeat the sign.
fn shortest(bytes: &[u8; 8]) -> &[u8] {
    let sign = bytes.last().map_or(0, |byte| byte & 0x80);
    let padding = if sign == 0 { 0 } else { 0xff };
    let significant = bytes.iter().rposition(|byte| *byte != padding).map_or(0, |at| at.saturating_add(1));
    let kept = bytes.get(..significant).unwrap_or_default();
    let keeps_sign = kept.last().map_or(0, |byte| byte & 0x80) == sign;
    bytes.get(..if keeps_sign { significant } else { significant.saturating_add(1) }).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
        let mut encoder = Encoder::new();
        write(&mut encoder);
        encoder.finish()
    }

    /// What `pickle.dumps(value, 2)` gives in CPython 3.11.
    #[test]
    fn integers_are_as_short_as_pythons() {
        let cases: &[(i64, &[u8])] = &[
            (0, b"\x80\x02K\x00."),
            (255, b"\x80\x02K\xff."),
            (256, b"\x80\x02M\x00\x01."),
            (-1, b"\x80\x02J\xff\xff\xff\xff."),
            (65536, b"\x80\x02J\x00\x00\x01\x00."),
            (1 << 31, b"\x80\x02\x8a\x05\x00\x00\x00\x80\x00."),
            (-(1 << 31) - 1, b"\x80\x02\x8a\x05\xff\xff\xff\x7f\xff."),
            (i64::MIN, b"\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."),
            (-(1 << 39), b"\x80\x02\x8a\x05\x00\x00\x00\x00\x80."),
        ];
        for (value, expected) in cases {
            assert_eq!(of(|encoder| encoder.int(*value)), *expected, "{value}");
        }
    }

    /// `pickle.dumps(b"\xff", 2)` and `pickle.dumps(b"", 2)`.
    #[test]
    fn bytes_are_calls_in_protocol_2() {
        let one = b"\x80\x02c_codecs\nencode\nq\x00X\x02\x00\x00\x00\xc3\xbfq\x01X\x06\x00\x00\x00latin1q\x02\x86q\x03Rq\x04.";
        assert_eq!(of(|encoder| encoder.bytes(b"\xff", None).unwrap()), one);
        assert_eq!(of(|encoder| encoder.bytes(b"", None).unwrap()), b"\x80\x02c__builtin__\nbytes\nq\x00)Rq\x01.");
    }

    #[test]
    fn a_name_with_a_line_break_is_refused() {
        let error = Encoder::new().global("os", "system\nx").unwrap_err();
        assert!(error.to_string().contains("os.system"), "{error}");
    }
}
