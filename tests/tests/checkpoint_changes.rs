//! Every truncation and every changed byte of a small file of each format is an error, or the same data, or, where the
//! format has no checksum, other data of the one tensor that the byte belongs to.
//!
//! Three changes of each byte are tried; with `EVERY_CHANGE=1` all 255.

#![allow(clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointError, RawEntry};

/// A key with its dtype, shape and bytes; `None` for a tensor that is reported as unreadable.
type Entry = (String, Option<(String, Vec<u8>)>);

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The state dict, in order.
fn entries(checkpoint: Result<Checkpoint, CheckpointError>) -> Result<Vec<Entry>, CheckpointError> {
    let checkpoint = checkpoint?;
    checkpoint.verify()?;
    let read = |(key, entry)| match entry {
        RawEntry::Tensor(tensor) => {
            Ok((key, Some((format!("{} {:?}", tensor.dtype(), tensor.shape()), tensor.read_bytes()?))))
        }
        _ => Ok((key, None)),
    };
    checkpoint.raw_state_dict()?.entries.into_iter().map(read).collect()
}

/// How many of `left` are other in `right`, or missing there. One that is reported as unreadable is not.
fn lost(left: &[Entry], right: &[Entry]) -> usize {
    let told = |(key, _): &&Entry| !right.contains(&(key.clone(), None));
    left.iter().filter(|entry| entry.1.is_some() && !right.contains(entry)).filter(told).count()
}

fn values(byte: u8) -> Vec<u8> {
    if std::env::var_os("EVERY_CHANGE").is_some() {
        return (0..=u8::MAX).filter(|other| *other != byte).collect();
    }
    [byte ^ 1, byte ^ 0x20, !byte].to_vec()
}

/// Opens what `write` made of every damaged copy of `seed`. At most `others` tensors may differ.
fn check(seed: &[u8], others: usize, open: impl Fn(Vec<u8>) -> Result<Checkpoint, CheckpointError>) {
    let expected = entries(open(seed.to_vec())).unwrap();
    assert!(expected.len() >= 2);
    for len in 0..seed.len() {
        if let Ok(found) = entries(open(seed[..len].to_vec())) {
            assert_eq!(found, expected, "cut after {len} bytes");
        }
    }
    let mut refused = 0;
    for at in 0..seed.len() {
        for value in values(seed[at]) {
            let mut bytes = seed.to_vec();
            bytes[at] = value;
            match entries(open(bytes)) {
                Err(_) => refused += 1,
                Ok(found) => {
                    let differences = lost(&expected, &found).max(lost(&found, &expected));
                    assert!(differences <= others, "byte {at} as {value}: {found:?}");
                }
            }
        }
    }
    assert!(refused > seed.len(), "{refused} refused of {} bytes", seed.len());
}

fn check_file(name: &str, others: usize) {
    check(&fs::read(fixtures().join(name)).unwrap(), others, Checkpoint::from_bytes);
}

/// One file of a folder.
fn check_in_folder(folder: &str, name: &str, others: usize) {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixtures().join(folder)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = copy.path().join(name);
    check(&fs::read(&path).unwrap(), others, |bytes| {
        fs::write(&path, bytes).unwrap();
        Checkpoint::open(&path)
    });
}

#[test]
fn a_changed_byte_of_an_archive_changes_no_tensor() {
    check_file("checkpoints/views_v3.pt", 0);
}

#[test]
fn a_changed_byte_of_a_legacy_stream_changes_one_tensor() {
    check_file("checkpoints/plain_dict_legacy.pt", 1);
}

#[test]
fn a_changed_byte_of_a_safetensors_file_changes_one_tensor() {
    check_file("checkpoints/safetensors_shapes.safetensors", 1);
}

#[test]
fn a_changed_byte_of_a_tar_archive_changes_the_tensors_of_one_storage() {
    let mut seed = fs::read(fixtures().join("checkpoints/tar.pt")).unwrap();
    let end = seed.iter().rposition(|byte| *byte != 0).unwrap();
    seed.truncate((end + 1).next_multiple_of(512) + 1024);
    check(&seed, 2, Checkpoint::from_bytes);
}

#[test]
fn a_changed_byte_of_distributed_metadata_changes_one_tensor() {
    check_in_folder("distributed/flat", ".metadata", 1);
}

#[test]
fn a_changed_byte_of_an_index_changes_no_tensor_but_its_key() {
    check_in_folder("checkpoints/sharded", "model.safetensors.index.json", 0);
}
