//! What the first pass makes of what PyTorch's pickler writes, and of what it does not.

use super::*;
use crate::checkpoint::limits::Limits;

/// Of a tensor in four shards, as PyTorch wrote it.
const SHARDED: &[u8] = include_bytes!("../../../../../tests/fixtures/distributed/sharded_4/.metadata");

fn scanned(bytes: Vec<u8>) -> Result<()> {
    scan(&Source::memory(bytes, Limits::default()))
}

#[test]
fn what_pytorch_wrote_passes() {
    scanned(SHARDED.to_vec()).unwrap();
}

#[test]
fn one_other_number_in_a_chunk_is_refused_by_its_key() {
    let refused = (0..SHARDED.len()).filter_map(|at| {
        let mut bytes = SHARDED.to_vec();
        if bytes[at] != b'K' {
            return None;
        }
        bytes[at + 1] ^= 1;
        scanned(bytes).err().map(|error| error.to_string())
    });
    let refused: Vec<String> = refused.collect();
    assert!(refused.len() > 10, "{}", refused.len());
    let told = |error: &&String| error.starts_with("key `") && error.contains("the chunks do not fill their tensor");
    assert_eq!(refused.iter().find(|error| !told(error)), None);
}

#[test]
fn pickles_that_end_early_or_hold_something_else_have_no_verdict() {
    for len in 0..SHARDED.len() {
        let padding = vec![b'0'; SHARDED.len() - len];
        scanned([&SHARDED[..len], &padding].concat()).unwrap();
    }
    for byte in 0..=u8::MAX {
        scanned(vec![byte; 10_000]).unwrap();
        scanned([b"(".as_slice(), &vec![byte; 10_000]].concat()).unwrap();
    }
}
