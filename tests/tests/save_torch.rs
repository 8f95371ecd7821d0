//! Saves checkpoints in PyTorch's zip format, and compares them byte for byte with what PyTorch wrote.

mod round_trip;

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Checkpoint, Format, SaveOptions, ScalarType, Value};
use model_runtime::prelude::*;
use model_runtime::state_dict::Entry;

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// Files that PyTorch 2.15 wrote as they are: nothing that it would write differently was done to them afterwards.
const WRITTEN_BY_TORCH: &[&str] = &[
    "aliased_dict",
    "attributes",
    "bool_bytes",
    "conjugate",
    "dtypes",
    "dtypes_v3",
    "entries_1000",
    "entries_2000",
    "general_checkpoint",
    "large_base",
    "lightning",
    "module_prefix",
    "net_state_dict",
    "no_data_tensors",
    "odd_keys",
    "opaque_values",
    "orig_mod_prefix",
    "parameters",
    "plain_dict",
    "requires_grad",
    "root_empty",
    "root_list",
    "root_tensor",
    "saving/batches",
    "saving/cuda",
    "saving/many_records",
    "saving/modules",
    "saving/values",
    "tied",
    "two_candidates",
    "views",
    "views_v3",
    "with.dots.in.its.name",
    "xxxxxxxxxxxxxxxxxxxxx",
];

#[test]
fn a_file_that_pytorch_wrote_is_written_again_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut different = Vec::new();
    for name in WRITTEN_BY_TORCH {
        let original = match name.strip_prefix("saving/") {
            Some(name) => fixtures("saving").join(format!("{name}.pt")),
            None => fixtures("checkpoints").join(format!("{name}.pt")),
        };
        let copy = folder.path().join(original.file_name().expect("a name"));
        let checkpoint = Checkpoint::open(&original).unwrap_or_else(|error| panic!("{error}"));
        checkpoint.root().save(&copy).unwrap_or_else(|error| panic!("{error}"));
        if fs::read(&original).expect("a fixture") != fs::read(&copy).expect("the copy") {
            different.push(*name);
            if let Some(keep) = std::env::var_os("KEEP") {
                fs::copy(&copy, Path::new(&keep).join(format!("{name}.pt"))).expect("a copy to look at");
            }
        }
    }
    assert!(different.is_empty(), "{different:?}");
}

#[test]
fn a_state_dict_is_written_as_pytorch_wrote_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [("checkpoints", "net_state_dict"), ("checkpoints", "tied"), ("saving", "cuda"), ("saving", "modules")];
    for (at, name) in cases {
        let original = fixtures(at).join(format!("{name}.pt"));
        let copy = folder.path().join(format!("{name}.pt"));
        let state = Checkpoint::open(&original).map(|file| file.state_dict()).expect("a checkpoint");
        state.expect("a state dict").save(&copy).unwrap_or_else(|error| panic!("{error}"));
        assert!(fs::read(&original).expect("a fixture") == fs::read(&copy).expect("the copy"), "{name}");
    }
}

#[test]
fn every_checkpoint_is_the_same_after_it_was_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut saved, mut scripts) = (0, 0);
    for path in round_trip::files(&["checkpoints", "wild", "saving", "tensors"]) {
        let original = Checkpoint::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let copy = folder.path().join("copy.pt");
        match original.root().save(&copy) {
            Ok(()) => {
                let copy = Checkpoint::open(&copy).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                round_trip::compare(original.root(), copy.root(), &path.display().to_string());
                saved += 1;
            }
            Err(error) if original.format() == Format::TorchScript => {
                assert!(error.to_string().contains("which Python cannot import"), "{error}");
                scripts += 1;
            }
            Err(error) => {
                let text = error.to_string();
                assert!(round_trip::holds_unreadable(original.root()), "{text}");
                assert!(text.contains("cannot be saved"), "{text}");
            }
        }
    }
    assert!(saved > 80 && scripts > 0, "{saved} checkpoints and {scripts} archives of TorchScript");
}

#[test]
fn the_devices_in_the_file_are_those_that_the_options_say() {
    let original = Checkpoint::open(fixtures("checkpoints").join("saved_on_several.pt")).expect("a checkpoint");
    let saved = |options: &SaveOptions| {
        let mut bytes = Vec::new();
        original.root().write_torch(&mut bytes, options).expect("a file in memory");
        let copy = Checkpoint::from_bytes(bytes).expect("a checkpoint");
        copy.storages().iter().map(|storage| storage.location().to_owned()).collect::<Vec<_>>()
    };
    assert!(saved(&SaveOptions::new()).contains(&"cuda:1".to_owned()));
    assert!(saved(&SaveOptions::new().map_location("cpu")).iter().all(|location| location == "cpu"));
    let moved = saved(&SaveOptions::new().map_location([("cuda:1", "cuda:3")]));
    assert!(moved.contains(&"cuda:3".to_owned()) && moved.contains(&"cuda:0".to_owned()), "{moved:?}");
    let mut bytes = Vec::new();
    let refused = original.root().write_torch(&mut bytes, &SaveOptions::new().map_location("cpu:0")).unwrap_err();
    assert!(refused.to_string().contains("cpu:0"), "{refused}");
}

#[test]
fn a_checkpoint_made_of_values_is_read_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.ckpt");
    let model = Linear::new(4, 2).init(Cpu).expect("a model");
    let state = model.state_dict().expect("a state dict");
    let lr = Tensor::from_vec(vec![0.5f32, 0.25], 2, Cpu).expect("a tensor");
    let checkpoint = Value::dict([
        ("epoch", Value::from(3)),
        ("model_state_dict", Value::from(&state)),
        ("optimizer_state_dict", Value::dict([("param_groups", Value::list([Value::dict([("lr", &lr)])]))])),
        ("classes", Value::dict([(0, "cat"), (1, "dog")])),
    ]);
    checkpoint.save(&path).expect("a file");
    let read = Checkpoint::open(&path).expect("a checkpoint");
    assert_eq!(read.get("epoch").expect("an entry").root(), &Value::from(3));
    assert_eq!(read.get("classes/1").expect("an entry").root(), &Value::from("dog"));
    let lr = read.get("optimizer_state_dict.param_groups.0.lr").expect("an entry");
    assert_eq!(lr.root().as_tensor().expect("a tensor").read_bytes().expect("bytes"), [0, 0, 0, 63, 0, 0, 128, 62]);
    let again = read.state_dict().expect("a state dict");
    assert_eq!(again.version(""), Some(1));
    for (key, entry) in state.iter() {
        let other = again.get(key).expect("the key");
        let flat = |entry: &Entry| entry.read().and_then(|data| data.flatten_all()?.to_vec1::<f32>()).expect("data");
        assert_eq!(flat(entry), flat(other), "{key}");
    }
}

#[test]
fn views_of_one_tensor_in_memory_are_saved_with_one_storage() {
    let base = Tensor::from_vec((0..12u8).map(f32::from).collect::<Vec<_>>(), (3, 4), Cpu).expect("a tensor");
    let checkpoint = Value::dict([
        ("base", Value::from(&base)),
        ("transposed", Value::from(&base.t().expect("a view"))),
        ("row", Value::from(&base.narrow(0, 1, 1).expect("a view"))),
    ]);
    let mut bytes = Vec::new();
    checkpoint.write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
    let read = Checkpoint::from_bytes(bytes).expect("a checkpoint");
    assert_eq!(read.storages().len(), 1);
    let transposed = read.root().get("transposed").and_then(Value::as_tensor).expect("a tensor");
    assert_eq!((transposed.shape(), transposed.strides()), ([4, 3].as_slice(), [1, 4].as_slice()));
    let row = read.root().get("row").and_then(Value::as_tensor).expect("a tensor").read_bytes().expect("bytes");
    assert_eq!(row, [4f32, 5.0, 6.0, 7.0].map(f32::to_le_bytes).concat());
}

/// A legacy stream with one storage of eight bytes that a tensor of floats views, and one of integers.
fn two_dtypes(data: [u8; 8]) -> Vec<u8> {
    let text =
        |text: &str| [b"X", &u32::try_from(text.len()).expect("short").to_le_bytes()[..], text.as_bytes()].concat();
    let tensor = |class: &str| {
        let id =
            [text("storage"), format!("ctorch\n{class}\n").into_bytes(), text("0"), text("cpu"), b"K\x02NtQ".to_vec()];
        let rest = b"K\0K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR";
        [b"ctorch._utils\n_rebuild_tensor_v2\n((".as_slice(), &id.concat(), rest].concat()
    };
    let head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02}(".to_vec();
    let entries = [text("float"), tensor("FloatStorage"), text("int"), tensor("IntStorage")].concat();
    let keys = [b"u.\x80\x02]".to_vec(), text("0"), b"a.".to_vec()].concat();
    [head, entries, keys, 2u64.to_le_bytes().to_vec(), data.to_vec()].concat()
}

#[test]
fn two_dtypes_on_one_storage_become_a_storage_of_bytes() {
    let data = [0, 0, 128, 63, 7, 0, 0, 0];
    let file = Checkpoint::from_bytes(two_dtypes(data)).unwrap_or_else(|error| panic!("{error}"));
    let mut bytes = Vec::new();
    file.root().write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
    let copy = Checkpoint::from_bytes(bytes).expect("a checkpoint");
    assert_eq!((copy.storages().len(), copy.storages()[0].element_type()), (1, None));
    for (key, dtype) in [("float", ScalarType::Float32), ("int", ScalarType::Int32)] {
        let tensor = copy.root().get(key).and_then(Value::as_tensor).expect("a tensor");
        assert_eq!((tensor.dtype(), tensor.read_bytes().expect("bytes")), (dtype, data.to_vec()), "{key}");
    }
}

#[test]
fn what_cannot_be_saved_is_told_by_its_key() {
    let unhashable = Value::dict([("a", Value::dict([(Value::list([1]), 1)]))]);
    let error = unhashable.write_torch(Vec::new(), &SaveOptions::new()).unwrap_err().to_string();
    assert_eq!(error, "key `a`: this cannot be a key of a dict, got: list");
    let unreadable = Checkpoint::open(fixtures("checkpoints").join("conjugate.pt")).expect("a checkpoint");
    let state = unreadable.state_dict().expect("a state dict");
    let error = state.save(Path::new("never.pt")).unwrap_err().to_string();
    assert!(error.contains("conj: cannot be saved: a conjugated view"), "{error}");
}
