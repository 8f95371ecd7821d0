//! The classes and functions that the pickles of a file name, compared with PyTorch's list of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::Checkpoint;
use serde_json::Value as Json;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn table() -> Json {
    let text = fs::read_to_string(fixtures().join("pytorch/globals.json")).expect("the fixture");
    serde_json::from_str(&text).expect("JSON")
}

fn texts(json: &Json) -> BTreeSet<String> {
    json.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

/// A legacy stream whose object is this pickle without its end.
fn stream(object: &[u8]) -> Vec<u8> {
    let head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.".as_slice();
    [head, object, b"\x80\x02].".as_slice()].concat()
}

fn unsafe_globals(bytes: Vec<u8>) -> Vec<String> {
    let file = Checkpoint::from_bytes(bytes).unwrap_or_else(|error| panic!("{error}"));
    file.unsafe_globals().map(str::to_owned).collect()
}

#[test]
fn the_unsafe_globals_of_a_file_are_those_that_pytorch_lists() {
    let table = table();
    let mut compared = 0;
    for (name, expected) in table["files"].as_object().expect("files") {
        let file = Checkpoint::open(fixtures().join(name)).unwrap_or_else(|error| panic!("{error}"));
        if !expected.is_null() {
            let found: BTreeSet<_> = file.unsafe_globals().map(str::to_owned).collect();
            assert_eq!(found, texts(expected), "{name}");
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn what_weights_only_accepts_is_not_listed_and_all_else_is() {
    let safe = texts(&table()["safe"]);
    assert!(safe.len() >= 144);
    let pickle = |names: &BTreeSet<String>| {
        let global = |name: &String| {
            let (module, name) = name.rsplit_once('.').expect("a module");
            format!("c{module}\n{name}\n0")
        };
        let globals: String = names.iter().map(global).collect();
        stream(&[b"\x80\x02", globals.as_bytes(), b"}."].concat())
    };
    let file = Checkpoint::from_bytes(pickle(&safe)).expect("globals that nothing uses");
    assert_eq!(file.globals().map(str::to_owned).collect::<BTreeSet<_>>(), safe);
    assert_eq!(file.unsafe_globals().count(), 0);
    let close = ["torch.cuda.QInt8Storage", "torch.sparse.BoolTensor", "torch.FooTensor", "torch.int9", "torch.load"];
    let close =
        close.into_iter().chain(["torch._utils._rebuild_nested_tensor", "torch._utils._rebuild_", "posix.system"]);
    let close = close.chain(["torch.cuda.sparse.BoolTensor", "torch.hub._get_torch_home", "builtins.eval"]);
    let close: BTreeSet<_> = close.map(str::to_owned).collect();
    assert_eq!(unsafe_globals(pickle(&close)).into_iter().collect::<BTreeSet<_>>(), close);
}

#[test]
fn a_global_is_listed_once_in_the_order_of_the_file_whatever_the_opcode() {
    let named = b"\x80\x04(cos\nsystem\ncos\nsystem\n\x8c\x05posix\x8c\x04fork\x93(ibuiltins\neval\nl.";
    assert_eq!(unsafe_globals(stream(named)), ["os.system", "posix.fork", "builtins.eval"]);
    let python_2 = b"\x80\x02c__builtin__\nset\n0c__builtin__\neval\n0}.";
    assert_eq!(unsafe_globals(stream(python_2)), ["builtins.eval"]);
}

#[test]
fn a_call_that_is_kept_as_data_is_listed() {
    let file = Checkpoint::open(fixtures().join("broken/os_system.pt")).expect("the rest is good");
    assert!(file.unsafe_globals().any(|name| name.ends_with(".system")), "{:?}", file.globals().collect::<Vec<_>>());
    let entry = file.clone();
    assert_eq!(entry.globals().len(), file.globals().len());
}

#[test]
fn every_pickle_of_a_folder_counts_and_safetensors_have_none() {
    let folder = Checkpoint::open(fixtures().join("distributed/general")).expect("a distributed checkpoint");
    let names: Vec<_> = folder.globals().collect();
    assert!(names.contains(&"torch.distributed.checkpoint.metadata.Metadata"), "{names:?}");
    assert!(names.contains(&"torch._utils._rebuild_tensor_v2"), "{names:?}");
    let sharded =
        Checkpoint::open(fixtures().join("checkpoints/sharded/pytorch_model.bin.index.json")).expect("shards");
    assert!(sharded.globals().any(|name| name == "collections.OrderedDict"));
    assert_eq!(sharded.unsafe_globals().count(), 0);
    let plain = Checkpoint::open(fixtures().join("checkpoints/safetensors_net.safetensors")).expect("a file");
    assert_eq!(plain.globals().len(), 0);
}
