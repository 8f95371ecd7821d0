//! Reads folders of `torch.distributed.checkpoint`, and compares each tensor with PyTorch's own reading.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

mod described;

use std::fs;
use std::path::Path;

use described::{copy_folder, files, fixtures, json, render};
use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointErrorKind, Format};

#[test]
fn a_distributed_checkpoint_is_put_together_whatever_the_sharding() {
    let paths = files("distributed", "json");
    assert_eq!(paths.len(), 6);
    for path in paths {
        let folder = path.with_extension("");
        for opened in [folder.clone(), folder.join(".metadata")] {
            let checkpoint = Checkpoint::open(&opened).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(checkpoint.format(), Format::Distributed);
            assert_eq!(render(checkpoint.root()), json(&path), "{}", opened.display());
            checkpoint.verify().unwrap();
            let ids: Vec<usize> = checkpoint.storages().iter().map(|storage| storage.id()).collect();
            assert_eq!(ids, (0..ids.len()).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_safetensors_of_all_ranks_are_put_together_whatever_the_sharding() {
    for name in ["safetensors", "mesh", "four"] {
        let folder = fixtures().join("distributed_parts").join(name);
        let checkpoint = Checkpoint::open(&folder).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((checkpoint.format(), checkpoint.path()), (Format::Distributed, Some(folder.as_path())));
        assert_eq!(render(checkpoint.root()), json(&folder.with_extension("json")), "{name}");
        checkpoint.verify().unwrap();
        let ids: Vec<usize> = checkpoint.storages().iter().map(|storage| storage.id()).collect();
        assert_eq!(ids, (0..ids.len()).collect::<Vec<_>>());
        let state = checkpoint.raw_state_dict().unwrap();
        assert_eq!(state.entries.len(), checkpoint.root().as_dict().unwrap().len());
    }
}

/// What opening `four` says after `from` became `to`, of the same length, in the file of one rank.
fn changed(rank: usize, from: &str, to: &str) -> String {
    assert_eq!(from.len(), to.len());
    let folder = copy_folder(&fixtures().join("distributed_parts/four"));
    let file = folder.path().join(format!("shard-0000{rank}-model-00001-of-00001.safetensors"));
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    fs::write(&file, bytes).unwrap();
    Checkpoint::open(folder.path()).unwrap_err().to_string()
}

#[test]
fn parts_of_safetensors_that_do_not_fill_their_tensor_are_refused_by_key() {
    for (rank, from, to, expected) in [
        (
            2,
            "saved_offsets\\\": [0, 3]",
            "saved_offsets\\\": [0, 2]",
            "key `columns`: two chunks of the tensor overlap",
        ),
        (4, "saved_offsets\\\": [0, 9]", "saved_offsets\\\": [1, 9]", "key `columns`: the chunks leave a hole"),
        (2, "[0, 3]", "[03]  ", "`DCP_SHARDING_INFO` does not say where the parts start"),
        (2, "[0, 3]", "[300] ", "key `columns`: the part starts at a place of another number of dimensions"),
        (2, "[0, 3]", "[0,-3]", "`DCP_SHARDING_INFO` does not say where the parts start"),
        (
            2,
            "\\\"columns\\\"",
            "\\\"colunns\\\"",
            "key `columns`: the metadata of the file does not say where the part",
        ),
        (3, "\\\"plain\\\"", "\\\"short\\\"", "`DCP_SHARDING_INFO` names a key twice, got: `short`"),
        (2, "I64", "F64", "key `columns`: the parts are of different tensors, expected: tensor(int64, [3, 3])"),
    ] {
        let text = changed(rank, from, to);
        assert!(text.contains(expected), "{text}");
    }
    let folder = copy_folder(&fixtures().join("distributed_parts/four"));
    fs::remove_file(folder.path().join("shard-00002-model-00001-of-00001.safetensors")).unwrap();
    let error = Checkpoint::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("key `columns`: the chunks leave a hole"), "{error}");
    assert_eq!(error.file(), folder.path().display().to_string());
}

/// Nothing in the files says how many ranks there were.
#[test]
fn without_the_file_of_the_last_rank_tensors_end_earlier_as_for_pytorch() {
    let folder = copy_folder(&fixtures().join("distributed_parts/safetensors"));
    fs::remove_file(folder.path().join("shard-00002-model-00001-of-00001.safetensors")).unwrap();
    let checkpoint = Checkpoint::open(folder.path()).unwrap();
    let tensor = checkpoint.root().get("w").and_then(|value| value.as_tensor().cloned()).unwrap();
    assert_eq!(tensor.shape(), [2, 2], "of [3, 2]; a model says which shape it needs");
}

#[test]
fn parts_of_tensors_are_never_taken_for_the_tensors() {
    let folder = fixtures().join("distributed_parts");
    let told = |path: &Path| {
        let error = Checkpoint::open(path).expect_err("parts");
        assert_eq!(error.kind(), CheckpointErrorKind::Unsupported, "{error}");
        error.to_string()
    };
    let parts = folder.join("safetensors");
    let text = told(&parts.join("shard-00001-model-00001-of-00001.safetensors"));
    assert!(text.contains("one rank's parts of the tensors") && text.contains("open the folder"), "{text}");
    let second = parts.join("shard-00002-model-00001-of-00001.safetensors");
    assert!(told(&second).contains("one rank's parts"));
    let error = Checkpoint::from_bytes(fs::read(second).unwrap()).unwrap_err().to_string();
    assert!(error.contains("key `w`") && error.contains("a part that starts at [2, 0]"), "{error}");
    let text = told(&folder.join("per_rank"));
    assert!(text.contains("each rank wrote metadata of its own") && text.contains("use_collectives"), "{text}");
}

#[test]
fn the_state_dict_of_a_distributed_checkpoint_is_found() {
    let checkpoint = Checkpoint::open(fixtures().join("distributed/general")).unwrap();
    let state = checkpoint.get("model").unwrap().raw_state_dict().unwrap();
    let keys: Vec<&str> = state.entries.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys[..3], ["0.weight", "0.bias", "1.weight"]);
    let flat = Checkpoint::open(fixtures().join("distributed/flat")).unwrap().raw_state_dict().unwrap();
    assert_eq!(flat.entries.len(), 2);
}

#[test]
fn a_distributed_checkpoint_with_a_damaged_part_is_refused_by_key() {
    let folder = copy_folder(&fixtures().join("distributed/sharded_2"));
    fs::remove_file(folder.path().join("__1_0.distcp")).unwrap();
    let error = Checkpoint::open(folder.path()).unwrap_err();
    assert_eq!(error.kind(), CheckpointErrorKind::Io, "{error}");
    assert!(error.to_string().contains("__1_0.distcp"), "{error}");
    let folder = copy_folder(&fixtures().join("distributed/sharded_2"));
    let part = folder.path().join("__0_0.distcp");
    let bytes = fs::read(&part).unwrap();
    fs::write(&part, &bytes[..bytes.len() - 1]).unwrap();
    let error = Checkpoint::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("key `") && error.contains("the file ends early"), "{error}");
    // Other numbers in the metadata, found by their text: chunks of `rows` that start elsewhere, and another file.
    let metadata = fs::read(fixtures().join("distributed/sharded_2/.metadata")).unwrap();
    let name = metadata.windows(12).position(|window| window == b"__0_0.distcp").unwrap();
    let mut elsewhere = metadata.clone();
    elsewhere[name..name + 5].copy_from_slice(b"../_0");
    let folder = copy_folder(&fixtures().join("distributed/sharded_2"));
    fs::write(folder.path().join(".metadata"), &elsewhere).unwrap();
    let error = Checkpoint::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("the shard is not a file beside"), "{error}");
}

#[test]
fn every_changed_byte_of_a_metadata_file_is_refused_or_harmless() {
    let source = fixtures().join("distributed/mesh_2d");
    let folder = copy_folder(&source);
    let metadata = fs::read(source.join(".metadata")).unwrap();
    let mut refused = 0;
    for at in 0..metadata.len() {
        let mut bytes = metadata.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(folder.path().join(".metadata"), &bytes).unwrap();
        match Checkpoint::open(folder.path()) {
            Ok(checkpoint) => checkpoint.storages().iter().for_each(|storage| drop(storage.read())),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() <= 1024);
            }
        }
    }
    assert!(refused > metadata.len() / 2, "{refused} of {}", metadata.len());
}
