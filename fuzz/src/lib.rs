//! One function a format: it puts the bytes where that format's reader meets them, and reads all there is. Whatever the
//! bytes are, there must be an answer, soon and within bounds; what is accepted must be readable.

mod round_trip;
mod wrap;

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointError, Limits, Value};

/// What a fuzzer calls with the bytes that it made.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("pickle", pickle),
    ("opcodes", opcodes),
    ("zip", zip),
    ("legacy", legacy),
    ("tar", tar),
    ("safetensors", safetensors),
    ("index", index),
    ("distributed", distributed),
    ("open", open),
    ("round_trip", round_trip),
];

/// The pickle machine: `data` is the `data.pkl` of a sound archive.
pub fn pickle(data: &[u8]) {
    read(Checkpoint::from_bytes(wrap::archive(data)));
}

/// The pickle machine, fed with opcodes that exist and operands that fit.
pub fn opcodes(data: &[u8]) {
    pickle(&wrap::opcodes(data));
}

/// The zip container: the bytes as they are, with the checksums that `data.pkl` and others need.
pub fn zip(data: &[u8]) {
    let mut bytes = data.to_vec();
    bytes.splice(..bytes.len().min(4), *b"PK\x03\x04");
    wrap::fix_checksums(&mut bytes);
    read(Checkpoint::from_bytes(bytes));
}

/// The legacy stream behind its magic number.
pub fn legacy(data: &[u8]) {
    let head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    let rest = data.strip_prefix(head.as_slice()).unwrap_or(data);
    read(Checkpoint::from_bytes([head, rest].concat()));
}

/// The tar format, with the checksum of every header put right.
pub fn tar(data: &[u8]) {
    let mut bytes = data.to_vec();
    wrap::fix_tar(&mut bytes);
    read(Checkpoint::from_bytes(bytes));
}

/// A safetensors header, with its length put before it.
pub fn safetensors(data: &[u8]) {
    let end = data.iter().rposition(|byte| *byte == b'}').map_or(data.len(), |at| at + 1);
    let length = u64::try_from(end).unwrap_or(u64::MAX).to_le_bytes();
    read(Checkpoint::from_bytes([&length, data].concat()));
    read(Checkpoint::from_bytes(data.to_vec()));
}

/// An index of shards, in a folder with the shards that the fixtures name.
pub fn index(data: &[u8]) {
    in_folder("checkpoints/sharded", "fuzzed.safetensors.index.json", data, |folder| {
        Checkpoint::open(folder.join("fuzzed.safetensors.index.json"))
    });
}

/// The `.metadata` of a distributed checkpoint, in a folder with the parts.
pub fn distributed(data: &[u8]) {
    in_folder("distributed/mesh_2d", ".metadata", data, |folder| Checkpoint::open(folder));
}

/// Any file.
pub fn open(data: &[u8]) {
    read(Checkpoint::from_bytes(data.to_vec()));
}

/// The pickle of a sound archive, or any file, saved again: the same is read from the new file.
pub fn round_trip(data: &[u8]) {
    for bytes in [wrap::archive(data), data.to_vec()] {
        if let Ok(checkpoint) = Checkpoint::from_bytes(bytes) {
            round_trip::check(&checkpoint);
        }
    }
}

thread_local! {
    /// One folder for each thread and fixture: making one is slower than reading it.
    static FOLDERS: RefCell<Vec<(&'static str, tempfile::TempDir)>> = const { RefCell::new(Vec::new()) };
}

fn in_folder(
    fixture: &'static str,
    name: &str,
    data: &[u8],
    open: impl Fn(&Path) -> Result<Checkpoint, CheckpointError>,
) {
    FOLDERS.with_borrow_mut(|folders| {
        if !folders.iter().any(|(known, _)| *known == fixture) {
            folders.push((fixture, copy(fixture).expect("the fixtures are in the repository")));
        }
        let (_, folder) = folders.iter().find(|(known, _)| *known == fixture).expect("it was just made");
        fs::write(folder.path().join(name), data).expect("a temporary folder can be written");
        read(open(folder.path()));
    });
}

fn copy(fixture: &str) -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(fixture))? {
        let entry = entry?;
        fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
    }
    Ok(folder)
}

/// Reads everything in a checkpoint, or prints what is wrong with it.
fn read(checkpoint: Result<Checkpoint, CheckpointError>) {
    let checkpoint = match checkpoint {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() <= 1024 && !text.chars().any(char::is_control), "{text}");
            return;
        }
    };
    drop(format!("{checkpoint:?} {}", checkpoint.root()));
    drop(checkpoint.raw_state_dict());
    checkpoint.storages().iter().for_each(|storage| drop(storage.read()));
    let mut pending = vec![checkpoint.root().clone()];
    // A tree with its aliases written out can be a thousand times the file; it is not all of interest.
    for _ in 0..10_000 {
        let Some(value) = pending.pop() else { break };
        check_tensor(&value);
        pending.extend(value.as_list().into_iter().flatten().cloned());
        pending.extend(value.as_dict().into_iter().flat_map(|dict| dict.iter().map(|(_, value)| value.clone())));
    }
}

/// A tensor gives the same bytes alone and from its storage.
fn check_tensor(value: &Value) {
    let small = |bytes: usize| u64::try_from(bytes).is_ok_and(|bytes| bytes < Limits::default().pickle_bytes);
    if let Some(tensor) = value.as_tensor()
        && small(tensor.nbytes())
        && let (Ok(bytes), Ok(storage)) = (tensor.read_bytes(), tensor.storage().read())
    {
        assert_eq!(tensor.gather(&storage).ok(), Some(bytes));
    }
}
