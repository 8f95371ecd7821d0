//! Whether the tensors of a safetensors file fill its data: no overlap, no hole, nothing outside.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::header::{Header, METADATA};
use crate::checkpoint::error::{CheckpointError, Result};

/// Bytes of a header above which its ranges are compared before an entry is made for each: entries take five times the
/// header.
const LONG: usize = 16 << 10;

/// Compares the ranges of a long header. What else is wrong with it is left to [`Header::parse`].
pub(super) fn scan(json: &[u8], data_len: u64) -> Result<()> {
    let mut ranges = Vec::new();
    if json.len() <= LONG || !each(json, |_, range| ranges.push(range)) {
        return Ok(());
    }
    ranges.sort_unstable();
    compare(ranges.into_iter(), data_len).map_err(|Fault { error, range }| {
        let mut key = None;
        each(json, |other, at| key = if Some(at) == range { Some(other.to_owned()) } else { key.take() });
        named(error, key.as_deref())
    })
}

/// Compares the ranges of a header, in whatever order it has them.
pub(super) fn check(header: &Header, data_len: u64) -> Result<()> {
    let mut ranges: Vec<_> = header.tensors.iter().map(|(_, tensor)| (tensor.start, tensor.end)).collect();
    ranges.sort_unstable();
    compare(ranges.into_iter(), data_len).map_err(|Fault { error, range }| {
        let at = header.tensors.iter().rfind(|(_, tensor)| Some((tensor.start, tensor.end)) == range);
        named(error, at.map(|(key, _)| key.as_str()))
    })
}

/// What is wrong, and with which range.
struct Fault {
    error: CheckpointError,
    range: Option<(u64, u64)>,
}

fn named(error: CheckpointError, key: Option<&str>) -> CheckpointError {
    match key {
        Some(key) => error.at(format_args!("key `{key}`")),
        None => error,
    }
}

/// `ranges` are in order: each starts where the one before it ends, and the last ends with the data.
fn compare(ranges: impl Iterator<Item = (u64, u64)>, data_len: u64) -> Result<(), Fault> {
    let mut filled = 0;
    for (start, end) in ranges {
        let wrong = |what: &str| CheckpointError::damaged(what).got(format_args!("data_offsets [{start}, {end}]"));
        let error = if end < start {
            wrong("the tensor ends before it starts")
        } else if end > data_len {
            wrong("the tensor reaches past the end of the file")
                .expected(format_args!("at most {data_len}"))
                .fix("the file is cut; copy or download it again")
        } else if start < filled {
            wrong("the tensor overlaps another").expected(format_args!("a start at {filled}"))
        } else if start > filled {
            wrong("there are bytes before the tensor that belong to none").expected(format_args!("a start at {filled}"))
        } else {
            filled = end;
            continue;
        };
        return Err(Fault { error, range: Some((start, end)) });
    }
    if filled != data_len {
        let error = CheckpointError::damaged("there are bytes after the last tensor");
        return Err(Fault { error: error.expected(format_args!("{filled} bytes of data")).got(data_len), range: None });
    }
    Ok(())
}

/// Hands every key and range to `visit`, and keeps nothing. Whether all of the header could be read.
fn each(json: &[u8], visit: impl FnMut(&str, (u64, u64))) -> bool {
    serde_json::Deserializer::from_slice(json).deserialize_map(Each(visit)).is_ok()
}

struct Each<F>(F);

#[derive(Deserialize)]
struct Offsets {
    data_offsets: (u64, u64),
}

impl<'de, F: FnMut(&str, (u64, u64))> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == METADATA {
                map.next_value::<IgnoredAny>()?;
            } else {
                (self.0)(&key, map.next_value::<Offsets>()?.data_offsets);
            }
        }
        Ok(())
    }
}
