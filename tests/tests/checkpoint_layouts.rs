//! Reads whole modules, TorchScript archives, tar files, folders of a hub and streams, and compares
//! each tensor with PyTorch's own reading.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

mod described;

use std::fs;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

use described::{copy_folder, describe, files, fixtures, json};
use model_runtime::Checkpoint;
use model_runtime::checkpoint::{Format, MapLocation, RawEntry, RawStateDict, Value};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

fn entries(state: &RawStateDict) -> Vec<(String, Json)> {
    let tensor = |entry: &RawEntry| match entry {
        RawEntry::Tensor(tensor) => describe(tensor),
        other => panic!("{other:?}"),
    };
    state.entries.iter().map(|(key, entry)| (key.clone(), tensor(entry))).collect()
}

#[test]
fn a_module_that_was_saved_whole_gives_the_state_dict_that_pytorch_gives() {
    let paths = files("modules", "pt");
    assert!(paths.len() >= 9);
    for path in paths {
        let expected = json(&path.with_extension("json"));
        let state = Checkpoint::open(&path).unwrap().raw_state_dict().unwrap_or_else(|error| panic!("{error}"));
        let wanted: Vec<(String, Json)> = expected["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry[0].as_str().unwrap().to_owned(), Json::from(entry.as_array().unwrap()[1..].to_vec())))
            .collect();
        assert_eq!(entries(&state), wanted, "{}", path.display());
        let versions = state.metadata.map(|versions| {
            versions
                .into_iter()
                .map(|(prefix, version)| (prefix, Json::from(version)))
                .collect::<serde_json::Map<_, _>>()
        });
        assert_eq!(versions.map(Json::Object).unwrap_or(Json::Null), expected["metadata"], "{}", path.display());
    }
}

#[test]
fn a_tar_file_keeps_locations_and_shared_storages() {
    let checkpoint = Checkpoint::open(fixtures().join("modules/tar_views.pt")).unwrap();
    assert_eq!(checkpoint.format(), Format::TorchTar);
    let tensor = |key: &str| checkpoint.root().get(key).and_then(Value::as_tensor).unwrap();
    assert_eq!((tensor("a").storage().id(), tensor("b").storage().id(), tensor("c").storage().id()), (0, 0, 1));
    assert_eq!((tensor("a").location(), tensor("d").location()), ("cpu", "cuda:1"));
    assert_eq!((tensor("a").strides(), tensor("a").offset()), ([1, 2].as_slice(), 2));
}

#[test]
fn a_folder_of_a_hub_is_opened_by_its_path() {
    let sharded = fixtures().join("checkpoints/sharded");
    let folder = copy_folder(&sharded);
    let checkpoint = Checkpoint::open(folder.path()).unwrap();
    assert_eq!(checkpoint.format(), Format::Sharded);
    assert!(checkpoint.path().unwrap().ends_with("model.safetensors.index.json"));
    fs::remove_file(folder.path().join("model.safetensors.index.json")).unwrap();
    let checkpoint = Checkpoint::open(folder.path()).unwrap();
    assert!(checkpoint.path().unwrap().ends_with("pytorch_model.bin.index.json"));
    assert_eq!(checkpoint.raw_state_dict().unwrap().entries.len(), 9);
}

/// Reads one byte at a time.
struct Slow(Cursor<Vec<u8>>);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(1);
        self.0.read(&mut out[..len])
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Every tensor, or the error without the name of the file.
fn verdict(checkpoint: Result<Checkpoint, model_runtime::checkpoint::CheckpointError>) -> Result<Vec<Json>, String> {
    let told = |error: model_runtime::checkpoint::CheckpointError| error.to_string().replacen(error.file(), "", 1);
    let checkpoint = checkpoint.map_err(told)?;
    let storages: Result<Vec<Vec<u8>>, _> = checkpoint.storages().iter().map(|storage| storage.read()).collect();
    let mut found: Vec<Json> = storages
        .map_err(told)?
        .iter()
        .map(|bytes| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
        .collect();
    found.push(checkpoint.root().to_string().into());
    Ok(found)
}

#[test]
fn the_verdict_is_the_same_from_a_path_from_bytes_and_from_a_slow_stream() {
    let mut paths: Vec<PathBuf> = ["checkpoints", "broken", "modules"]
        .iter()
        .flat_map(|folder| ["pt", "safetensors"].iter().flat_map(|ending| files(folder, ending)))
        .collect();
    paths.retain(|path| fs::metadata(path).unwrap().len() < 64 << 10);
    assert!(paths.len() > 150, "{}", paths.len());
    for path in paths {
        let bytes = fs::read(&path).unwrap();
        let expected = verdict(Checkpoint::open(&path));
        let at = path.display();
        assert_eq!(verdict(Checkpoint::from_bytes(bytes.clone())), expected, "{at}");
        assert_eq!(verdict(Checkpoint::from_reader(Cursor::new(bytes.clone()))), expected, "{at}");
        let mut behind = Slow(Cursor::new([b"before".as_slice(), &bytes].concat()));
        behind.seek(SeekFrom::Start(6)).unwrap();
        assert_eq!(verdict(Checkpoint::from_reader(behind)), expected, "{at}");
    }
}

#[test]
fn an_archive_that_starts_inside_a_file_is_opened_at_its_offset() {
    let bytes = fs::read(fixtures().join("checkpoints/net_state_dict.pt")).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), [b"header".as_slice(), &bytes].concat()).unwrap();
    let checkpoint = Checkpoint::open_at(file.path(), 6).unwrap();
    assert_eq!(verdict(Ok(checkpoint)), verdict(Checkpoint::from_bytes(bytes)));
    assert!(Checkpoint::open(file.path()).is_err());
    assert!(Checkpoint::open_at(file.path(), u64::MAX).is_err());
}

#[test]
fn several_saves_in_one_stream_are_read_one_after_the_other() {
    let names = ["net_state_dict_legacy.pt", "root_list_legacy.pt", "protocol_4_legacy.pt"];
    let parts: Vec<Vec<u8>> =
        names.iter().map(|name| fs::read(fixtures().join("checkpoints").join(name)).unwrap()).collect();
    let mut next = Some(Checkpoint::from_bytes(parts.concat()).unwrap());
    for part in parts {
        let checkpoint = next.unwrap();
        assert_eq!(verdict(Ok(checkpoint.clone())), verdict(Checkpoint::from_bytes(part)));
        next = checkpoint.next_in_stream().unwrap();
    }
    assert!(next.is_none());
}

#[test]
fn a_tensor_of_the_meta_device_has_a_shape_and_a_type_and_no_bytes() {
    let checkpoint = Checkpoint::open(fixtures().join("checkpoints/no_data_tensors.pt")).unwrap();
    let tensor = checkpoint.root().get("meta").and_then(Value::as_tensor).unwrap();
    assert_eq!((tensor.dtype().name(), tensor.shape(), tensor.location()), ("float32", [2, 3].as_slice(), "meta"));
    assert!(tensor.is_meta() && MapLocation::from("cpu").map_tag(tensor.location()).is_ok());
    assert!(tensor.read_bytes().unwrap_err().to_string().contains("holds no bytes"));
    let state = checkpoint.raw_state_dict().unwrap();
    let reason = state.entries.iter().find_map(|(key, entry)| match entry {
        RawEntry::Unreadable { reason } if key == "meta" => Some(reason.as_str()),
        _ => None,
    });
    assert_eq!(reason, Some("a tensor on the meta device, which has no data (float32 of shape [2, 3])"));
}

#[test]
fn verify_finds_a_changed_byte_that_opening_does_not_read() {
    let mut bytes = fs::read(fixtures().join("checkpoints/net_state_dict.pt")).unwrap();
    let checkpoint = Checkpoint::from_bytes(bytes.clone()).unwrap();
    checkpoint.verify().unwrap();
    let data = checkpoint.storages()[0].read().unwrap();
    let at = bytes.windows(data.len()).position(|window| window == data).unwrap();
    bytes[at] ^= 1;
    let error = Checkpoint::from_bytes(bytes).unwrap().verify().unwrap_err().to_string();
    assert!(error.contains("storage `0`: the checksum does not match"), "{error}");
}
