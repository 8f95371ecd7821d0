//! The JSON header of a safetensors file, read so that nothing in it is dropped or taken twice.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::string_map::StringMap;

/// The key of the header that is no tensor.
pub(super) const METADATA: &str = "__metadata__";

/// The header, in its own order.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) metadata: Vec<(String, String)>,
    pub(super) tensors: Vec<(String, HeaderTensor)>,
}

/// One tensor of the header.
#[derive(Debug)]
pub(super) struct HeaderTensor {
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
    /// The first byte and the byte after the last, counted from the end of the header.
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Header {
    /// Parses `json`; a tensor has at most `rank` dimensions.
    pub(super) fn parse(json: &[u8], rank: usize) -> Result<Self> {
        let text = std::str::from_utf8(json).map_err(|_| CheckpointError::damaged("the header is not UTF-8"))?;
        let invalid = |error| CheckpointError::damaged(format_args!("the header is not valid: {error}"));
        let mut json = serde_json::Deserializer::from_str(text);
        let header = HeaderSeed { rank }.deserialize(&mut json).map_err(invalid)?;
        json.end().map_err(invalid)?;
        Ok(header)
    }
}

struct HeaderSeed {
    rank: usize,
}

impl<'de> DeserializeSeed<'de> for HeaderSeed {
    type Value = Header;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Header, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for HeaderSeed {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut header = Header::default();
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("key `{key}` is there twice")));
            }
            let named = |error| A::Error::custom(format_args!("key `{key}`: {error}"));
            if key == METADATA {
                header.metadata = map.next_value::<StringMap>().map_err(named)?.0;
            } else {
                let tensor = map.next_value_seed(TensorSeed { rank: self.rank }).map_err(named)?;
                header.tensors.push((key, tensor));
            }
        }
        Ok(header)
    }
}

/// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.
struct TensorSeed {
    rank: usize,
}

impl<'de> DeserializeSeed<'de> for TensorSeed {
    type Value = HeaderTensor;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<HeaderTensor, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for TensorSeed {
    type Value = HeaderTensor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `dtype`, `shape` and `data_offsets`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderTensor, A::Error> {
        let (mut dtype, mut shape, mut offsets) = (None, None, None);
        while let Some(field) = map.next_key::<String>()? {
            let twice = match field.as_str() {
                "dtype" => dtype.replace(map.next_value::<String>()?).is_some(),
                "shape" => shape.replace(map.next_value_seed(ShapeSeed { rank: self.rank })?).is_some(),
                "data_offsets" => offsets.replace(map.next_value::<(u64, u64)>()?).is_some(),
                other => return Err(A::Error::unknown_field(other, &["dtype", "shape", "data_offsets"])),
            };
            if twice {
                return Err(A::Error::custom(format_args!("`{field}` is there twice")));
            }
        }
        let dtype = dtype.ok_or_else(|| A::Error::missing_field("dtype"))?;
        let shape = shape.ok_or_else(|| A::Error::missing_field("shape"))?;
        let (start, end) = offsets.ok_or_else(|| A::Error::missing_field("data_offsets"))?;
        Ok(HeaderTensor { dtype, shape, start, end })
    }
}

struct ShapeSeed {
    rank: usize,
}

impl<'de> DeserializeSeed<'de> for ShapeSeed {
    type Value = Vec<usize>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ShapeSeed {
    type Value = Vec<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} sizes (`Limits::rank`)", self.rank)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut shape = Vec::new();
        while shape.len() < self.rank {
            match seq.next_element()? {
                Some(dim) => shape.push(dim),
                None => return Ok(shape),
            }
        }
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(shape),
            Some(_) => Err(A::Error::invalid_length(self.rank.saturating_add(1), &self)),
        }
    }
}
