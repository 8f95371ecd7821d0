//! Which tensors are mapped, and which are copied because they do not lie in the file as they are wanted.

use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{SaveOptions, ScalarType, Value};
use model_runtime::memory;
use model_runtime::prelude::*;

use crate::{Net, Turn, contents, map, state};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The entries of a file that candle has a dtype for, each with its dtype and whether it is mapped when it is read.
fn entries(name: &str) -> Vec<(String, ScalarType, bool)> {
    let state = state(&fixture(name));
    let read = state.iter().filter_map(|(key, entry)| {
        let tensor = entry.read().ok()?;
        let is_mapped = memory::mapped().tensors == 1;
        assert_eq!(memory::mapped().tensors, memory::mapped().mappings, "{key}");
        drop(tensor);
        Some((key.to_owned(), entry.dtype(), is_mapped))
    });
    read.collect()
}

#[test]
fn a_load_maps_each_file_once() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    for name in ["net.pt", "net.safetensors"] {
        let path = Net::file(folder.path(), name, 3);
        let net = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
        assert_eq!(memory::mapped().mappings, 1, "{name}");
        let (again, tensors) = (net.clone(), memory::mapped().tensors);
        assert!(tensors >= 8, "{tensors} of {name}");
        drop(net);
        assert_eq!(memory::mapped().tensors, tensors);
        drop(again);
    }
}

#[test]
fn shards_have_a_mapping_each() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let source = Net::new().init_seeded(Cpu, 3).unwrap();
    let options = SaveOptions::new().max_shard_size(20_000);
    source.state_dict().unwrap().save_with(&path, &options).unwrap();
    let net = Net::new().load_state_dict(&state(folder.path()), Cpu).unwrap();
    assert!(memory::mapped().mappings >= 2, "{:?}", memory::mapped());
    assert_eq!(crate::all(&net), crate::all(&source));
}

#[test]
fn names_of_one_tensor_share_it() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tied.pt");
    let weight = Tensor::rand(0f32, 1.0, (64, 64), Cpu).unwrap();
    let tied = Value::dict([("a", Value::from(&weight)), ("b", Value::from(&weight))]);
    tied.save(&path).unwrap();
    let tensors = state(&path).tensors().unwrap();
    assert_eq!(tensors["a"].id(), tensors["b"].id());
    assert_eq!((memory::mapped().mappings, memory::mapped().tensors), (1, 1));
}

#[test]
fn views_that_overlap_do_not_share_memory() {
    let _turn = Turn::take();
    // `torch.save` of views of one storage.
    let path = fixture("checkpoints/views.pt");
    let (mapped, read) = (state(&path).tensors().unwrap(), Checkpoint::open(&path).unwrap().state_dict().unwrap());
    let read = read.tensors().unwrap();
    for (key, tensor) in &mapped {
        assert_eq!(contents(tensor), contents(&read[key]), "{key}");
    }
    // Write to one after the other: no other changes.
    for (key, tensor) in mapped.iter().filter(|(_, tensor)| tensor.is_contiguous()) {
        tensor.zero_set().unwrap();
        assert!(contents(tensor).2.iter().all(|byte| *byte == 0), "{key}");
        let same = |other: &candle_core::Tensor| other.id() == tensor.id();
        for (other, untouched) in mapped.iter().skip_while(|(_, other)| !same(other)).filter(|(_, other)| !same(other))
        {
            assert_eq!(contents(untouched), contents(&read[other]), "{other} after {key}");
        }
    }
}

#[test]
fn what_does_not_lie_in_the_file_as_it_is_wanted_is_copied() {
    let _turn = Turn::take();
    assert!(entries("checkpoints/deflated.pt").iter().all(|(_, _, is_mapped)| !is_mapped));
    let big_endian = entries("checkpoints/big_endian_dtypes_v3.pt");
    assert!(big_endian.iter().all(|(_, dtype, is_mapped)| !is_mapped || dtype.itemsize() == 1), "{big_endian:?}");
    let transposed = entries("state_dict/strided.pt");
    assert!(transposed.iter().any(|(_, _, is_mapped)| !is_mapped), "{transposed:?}");
    let plain = entries("checkpoints/net_state_dict.pt");
    assert!(plain.iter().any(|(_, _, is_mapped)| *is_mapped), "{plain:?}");
}

#[test]
fn another_dtype_is_converted() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 3);
    let options = LoadOptions::new().dtype(DType::F16);
    let (net, _) = Net::new().load_state_dict_with(&state(&path), Cpu, &options).unwrap();
    let (plain, _) = Net::new()
        .load_state_dict_with(&Checkpoint::open(&path).unwrap().state_dict().unwrap(), Cpu, &options)
        .unwrap();
    assert_eq!(memory::mapped().tensors, 0, "the buffer of integers is small");
    assert_eq!(crate::all(&net), crate::all(&plain));
}

#[test]
fn what_is_not_opened_by_map_is_copied() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 3);
    let bytes = std::fs::read(&path).unwrap();
    let reader = std::io::Cursor::new(bytes.clone());
    let plain = [Checkpoint::open(&path), Checkpoint::from_bytes(bytes), Checkpoint::from_reader(reader)];
    for checkpoint in plain {
        let net = Net::new().load_state_dict(&checkpoint.unwrap().state_dict().unwrap(), Cpu).unwrap();
        assert_eq!(memory::mapped().tensors, 0);
        drop(net);
    }
    assert!(map(&path).is_ok());
}
