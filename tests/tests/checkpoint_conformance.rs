//! Reads every checkpoint in `fixtures/` and compares each value with PyTorch's own reading of it.

#![allow(clippy::panic, reason = "a test stops at the first difference")]

mod manifest;

use std::fs;
use std::path::{Path, PathBuf};

use manifest::Manifest;
use model_runtime::checkpoint::{Checkpoint, Format, RawEntry, Storage, TensorInfo, Value};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn index(name: &str) -> serde_json::Map<String, Json> {
    let text = fs::read_to_string(folder(name).join("index.json")).expect("the fixtures are in the repository");
    serde_json::from_str(&text).expect("the index is JSON")
}

/// The checkpoints of a folder that have a manifest of one file.
fn checkpoints(name: &str) -> Vec<(PathBuf, Manifest)> {
    let read = |file: &String| {
        let path = folder(name).join(file);
        let manifest = Manifest::read(&path.with_extension("json"));
        (path, manifest)
    };
    index(name).keys().filter(|file| !file.contains('/')).map(read).collect()
}

fn all() -> Vec<(PathBuf, Manifest)> {
    let mut all = checkpoints("checkpoints");
    all.extend(checkpoints("wild"));
    assert!(all.len() > 80, "{} fixtures", all.len());
    all
}

#[test]
fn every_value_and_tensor_is_the_one_that_pytorch_reads() {
    for (path, manifest) in all() {
        let checkpoint = Checkpoint::open(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(format_name(checkpoint.format()), manifest.format, "{}", path.display());
        manifest.compare(checkpoint.root(), &path.display().to_string());
    }
}

#[test]
fn bytes_in_memory_are_read_like_a_file() {
    for (path, manifest) in all() {
        let checkpoint =
            Checkpoint::from_bytes(fs::read(&path).expect("a fixture")).unwrap_or_else(|error| panic!("{error}"));
        manifest.compare(checkpoint.root(), &path.display().to_string());
    }
}

#[test]
fn the_state_dict_is_found_where_pytorch_has_it() {
    for (path, manifest) in all() {
        let at = path.display();
        let checkpoint = Checkpoint::open(&path).unwrap_or_else(|error| panic!("{error}"));
        match (&manifest.state_dict_path, checkpoint.raw_state_dict()) {
            (Some(expected), Ok(found)) => {
                assert_eq!(&found.path, expected, "{at}");
                assert_eq!(found.metadata.map(|versions| versions.into_iter().collect()), manifest.metadata, "{at}");
                let at_path = |key: &str| {
                    if expected.is_empty() { vec![key.into()] } else { vec![expected.as_str().into(), Json::from(key)] }
                };
                for (key, entry) in found.entries {
                    let expected = manifest.tensors.iter().find(|tensor| tensor.key == at_path(&key));
                    match (entry, expected) {
                        (RawEntry::Tensor(tensor), Some(expected)) => expected.compare(&tensor, &format!("{at} {key}")),
                        (RawEntry::Unreadable { .. }, expected) => {
                            assert!(expected.is_none_or(|tensor| tensor.conj), "{at} {key}")
                        }
                        (entry, None) => panic!("{at}: `{key}` is {entry:?}, and PyTorch has none"),
                        (entry, _) => panic!("{at}: `{key}` is {entry:?}"),
                    }
                }
            }
            (None, Ok(found)) => assert!(manifest.may_be_chosen(&found.path), "{at}: found {:?}", found.path),
            (None, Err(error)) => assert!(error.to_string().contains("state dict"), "{error}"),
            (Some(path), Err(error)) => panic!("{error}; PyTorch finds `{path}`"),
        }
    }
}

#[test]
fn a_storage_read_once_serves_all_its_tensors() {
    for (path, manifest) in all() {
        let checkpoint = Checkpoint::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let storages: Vec<Vec<u8>> =
            checkpoint.storages().iter().map(|storage| storage.read().expect("a good storage")).collect();
        let ids: Vec<usize> = checkpoint.storages().iter().map(|storage| storage.id()).collect();
        assert_eq!(ids, (0..ids.len()).collect::<Vec<_>>());
        manifest.each_tensor(checkpoint.root(), &mut |expected, tensor| {
            let bytes = tensor.gather(&storages[tensor.storage().id()]).expect("a good tensor");
            assert_eq!(sha256(&bytes), expected.sha256, "{} {:?}", path.display(), expected.key);
        });
    }
}

#[test]
fn every_broken_file_is_an_error_that_names_the_file() {
    for (file, about) in index("broken") {
        let path = folder("broken").join(&file);
        let result = read_all(&path);
        match (about["expect"].as_str(), result) {
            (Some("error"), Err(text)) => {
                assert!(text.contains(&file) || text.contains("<bytes>"), "{text}");
                assert!(text.len() <= 1024 && !text.chars().any(char::is_control), "{text}");
            }
            (Some("good" | "opaque" | "either"), _) => {}
            (Some("module"), Ok(())) => {}
            (expect, result) => panic!("{file}: {}, expected: {expect:?}, got: {result:?}", about["wrong"]),
        }
    }
}

#[test]
fn a_call_beside_a_good_state_dict_is_kept_as_data() {
    let checkpoint = Checkpoint::open(folder("broken").join("os_system.pt")).expect("the rest is good");
    assert!(checkpoint.raw_state_dict().is_ok());
    let text = checkpoint.root().to_string();
    assert!(text.contains("system(...)>"), "{text}");
}

#[test]
fn an_index_joins_its_shards() {
    for index in ["model.safetensors.index.json", "pytorch_model.bin.index.json"] {
        let sharded = folder("checkpoints").join("sharded");
        let checkpoint = Checkpoint::open(sharded.join(index)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(checkpoint.format(), Format::Sharded);
        let ids: Vec<usize> = checkpoint.storages().iter().map(|storage| storage.id()).collect();
        assert_eq!(ids, (0..9).collect::<Vec<_>>());
        let base = index.split('.').next().expect("a name");
        for shard in 1..=2 {
            let manifest = Manifest::read(&sharded.join(format!("{base}-0000{shard}-of-00002.json")));
            manifest.each_tensor(checkpoint.root(), &mut |expected, tensor| expected.compare(tensor, index));
        }
        assert_eq!(checkpoint.raw_state_dict().expect("a state dict").entries.len(), 9);
    }
}

/// Opens the file, finds the state dict and reads every tensor, as a load does.
fn read_all(path: &Path) -> Result<(), String> {
    let read = || {
        let state = Checkpoint::open(path)?.raw_state_dict()?;
        for (key, entry) in state.entries {
            match entry {
                RawEntry::Tensor(tensor) => drop(tensor.read_bytes()?),
                RawEntry::Unreadable { reason } => return Ok(Err(format!("{}: {key}: {reason}", path.display()))),
                _ => {}
            }
        }
        Ok(Ok(()))
    };
    read().map_err(|error: model_runtime::checkpoint::CheckpointError| error.to_string())?
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::TorchZip => "zip",
        Format::TorchLegacy => "legacy",
        Format::TorchScript => "torchscript",
        Format::TorchTar => "tar",
        Format::Safetensors => "safetensors",
        _ => "another",
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn storages_are_read_from_many_threads_at_once() {
    let checkpoint = Checkpoint::open(folder("checkpoints").join("entries_1000.pt")).expect("a good file");
    let read = |storage: &std::sync::Arc<Storage>| storage.read().expect("a good storage");
    let alone: Vec<Vec<u8>> = checkpoint.storages().iter().map(read).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert!(checkpoint.storages().iter().zip(&alone).all(|(storage, bytes)| read(storage) == *bytes))
            });
        }
    });
}

fn _is_send_and_sync(checkpoint: &Checkpoint, value: &Value, tensor: &TensorInfo) -> impl Send + Sync {
    (checkpoint.clone(), value.clone(), tensor.clone())
}
