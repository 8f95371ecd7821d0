//! Files that hold parts of tensors: what one rank of PyTorch's `HuggingFaceStorageWriter` writes.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::checkpoint::error::{CheckpointError, Result};

/// The entry of the metadata that says where in its tensor each entry starts.
const SHARDING: &str = "DCP_SHARDING_INFO";
/// The file of one rank is `shard-00001-model-00001-of-00001.safetensors`.
const PREFIX: &str = "shard-";
const FIX: &str = "save with `enable_consolidation=True`, or put the parts together with \
     `torch.distributed.checkpoint._consolidate_hf_safetensors.consolidate_safetensors_files`";

/// Whether a file of this name is that of one rank.
pub(in crate::checkpoint) fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix(PREFIX));
    let after = name.map(|name| name.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    after.is_some_and(|after| after.starts_with("-model-"))
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
        error.fix(FIX)
    };
    if path.is_some_and(is_part) {
        return Err(refused());
    }
    let mut first = None;
    let parsed = serde_json::Deserializer::from_str(sharding).deserialize_map(Parts(&mut first));
    match (parsed, first) {
        (_, Some((key, offsets))) => {
            Err(refused().got(format_args!("a part that starts at {offsets:?}")).at(format_args!("key `{key}`")))
        }
        (Ok(()), None) => Ok(()),
        (Err(error), None) => {
            Err(CheckpointError::damaged(format_args!("`{SHARDING}` does not say where the parts start")).got(error))
        }
    }
}

/// `{"w": {"saved_offsets": [2, 0]}}`; takes the first that does not start at zero, and keeps no other.
struct Parts<'a>(&'a mut Option<(String, Vec<u64>)>);

#[derive(Deserialize)]
struct Part {
    saved_offsets: Vec<u64>,
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of parts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, Part { saved_offsets })) = map.next_entry::<String, Part>()? {
            if self.0.is_none() && saved_offsets.iter().any(|offset| *offset != 0) {
                *self.0 = Some((key, saved_offsets));
            }
        }
        Ok(())
    }
}
