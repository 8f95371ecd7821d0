//! What the shards of one save have in common, so that shards of two saves are never read as one model.

use super::header::Header;
use super::{LENGTH_LEN, header_end};
use crate::checkpoint::source::Source;

/// The entry of the metadata of each shard, and of the index.
pub(crate) const SET_KEY: &str = "model_runtime_set";
/// What stands in its place until all shards are written.
pub(super) const UNKNOWN: &str = "0000000000000000";

/// The id of a set of which these are the checksums: the same for the same files.
pub(super) fn of(checksums: &[u32]) -> String {
    // FNV-1a over the bytes: <http://www.isthe.com/chongo/tech/comp/fnv/>.
    let bytes = checksums.iter().flat_map(|checksum| checksum.to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Where the id stands in the head of a file whose metadata has [`UNKNOWN`] for it.
pub(super) fn place(head: &[u8]) -> Option<usize> {
    let entry = format!("\"{SET_KEY}\":\"{UNKNOWN}\"");
    let at = head.windows(entry.len()).position(|window| window == entry.as_bytes())?;
    // Before the last quote.
    at.checked_add(entry.len())?.checked_sub(UNKNOWN.len())?.checked_sub(1)
}

/// The id in the metadata of the safetensors file, if it has one.
pub(super) fn saved_id(file: &Source) -> Option<String> {
    let end = header_end(file).ok()?;
    let json = file.read_vec(LENGTH_LEN, end.checked_sub(LENGTH_LEN)?).ok()?;
    let metadata = Header::parse(&json, file.limits().rank).ok()?.metadata;
    metadata.into_iter().find(|(key, _)| key == SET_KEY).map(|(_, id)| id)
}
