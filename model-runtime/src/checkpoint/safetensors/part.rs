//! Files that hold parts of tensors: what one rank of PyTorch's `HuggingFaceStorageWriter` writes.

use std::collections::hash_map::Entry;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::format::Starts;
use crate::hash::FastMap;

/// The entry of the metadata that says where in its tensor each entry starts.
const SHARDING: &str = "DCP_SHARDING_INFO";

/// A file of one rank, by its name: `shard-00001-model-00001-of-00001.safetensors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::checkpoint) struct PartName {
    /// Which of the files that each rank can write.
    pub(in crate::checkpoint) file: u32,
    /// How many those are.
    pub(in crate::checkpoint) files: u32,
}

impl PartName {
    /// `None` for a file of another name.
    pub(in crate::checkpoint) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_prefix("shard-")?.strip_suffix(".safetensors")?;
        let (rank, name) = name.split_once("-model-")?;
        let (file, files) = name.split_once("-of-")?;
        rank.parse::<u32>().ok()?;
        Some(Self { file: file.parse().ok()?, files: files.parse().ok()? })
    }
}

/// Refuses a file with parts of tensors: each would be taken for the whole. The parts of the first rank start at zero as
/// whole tensors do, and so its file is known by its name.
///
/// # Errors
///
/// The file is one rank's, or its description of the parts is no JSON.
pub(super) fn check(metadata: &[(String, String)], path: Option<&Path>) -> Result<()> {
    let Some((_, sharding)) = metadata.iter().find(|(key, _)| key == SHARDING) else { return Ok(()) };
    let refused = || {
        let error = CheckpointError::unsupported("the file holds one rank's parts of the tensors, not the tensors");
        error.fix("open the folder that has the parts of all ranks")
    };
    if path.is_some_and(|path| PartName::of(path).is_some()) {
        return Err(refused());
    }
    let mut first = None;
    let parsed = parse(sharding, |key, offsets| {
        if first.is_none() && offsets.iter().any(|offset| *offset != 0) {
            first = Some((key, offsets));
        }
    });
    match first {
        Some((key, offsets)) => {
            Err(refused().got(format_args!("a part that starts at {offsets:?}")).at(format_args!("key `{key}`")))
        }
        None => parsed,
    }
}

/// Where in its tensor each entry of one rank's file starts.
///
/// # Errors
///
/// The description of the parts is no JSON, or names a key twice.
pub(super) fn starts(metadata: &[(String, String)]) -> Result<Starts> {
    let Some((_, sharding)) = metadata.iter().find(|(key, _)| key == SHARDING) else { return Ok(None) };
    let (mut starts, mut twice) = (FastMap::default(), None);
    parse(sharding, |key, offsets| match starts.entry(key) {
        Entry::Vacant(place) => drop(place.insert(offsets)),
        Entry::Occupied(place) => drop(twice.get_or_insert_with(|| place.key().clone())),
    })?;
    match twice {
        None => Ok(Some(starts)),
        Some(key) => {
            Err(CheckpointError::damaged(format_args!("`{SHARDING}` names a key twice")).got(format_args!("`{key}`")))
        }
    }
}

fn parse(sharding: &str, each: impl FnMut(String, Vec<usize>)) -> Result<()> {
    let mut json = serde_json::Deserializer::from_str(sharding);
    let parsed = json.deserialize_map(Parts(each)).and_then(|()| json.end());
    parsed.map_err(|error| {
        CheckpointError::damaged(format_args!("`{SHARDING}` does not say where the parts start")).got(error)
    })
}

/// `{"w": {"saved_offsets": [2, 0]}}`, entry by entry.
struct Parts<F>(F);

#[derive(Deserialize)]
struct Part {
    saved_offsets: Vec<usize>,
}

impl<'de, F: FnMut(String, Vec<usize>)> Visitor<'de> for Parts<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parts")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, Part { saved_offsets })) = map.next_entry::<String, Part>()? {
            self.0(key, saved_offsets);
        }
        Ok(())
    }
}
