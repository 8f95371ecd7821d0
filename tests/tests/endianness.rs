//! Archives of either byte order, with and without the record that says it, compared with what PyTorch reads.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Checkpoint, Endianness, Limits, OpenOptions, Value};
use serde_json::Value as Json;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch").join(name)
}

/// The bytes of each tensor, in hexadecimal digits.
fn contents(checkpoint: &Checkpoint) -> Json {
    let dict = checkpoint.root().as_dict().expect("a dict");
    let hex = |value: &Value| {
        let bytes = value.as_tensor().expect("a tensor").read_bytes().expect("its bytes");
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    dict.iter().map(|(key, value)| (key.as_str().expect("text").to_owned(), Json::from(hex(value)))).collect()
}

#[test]
fn every_default_endianness_reads_every_archive_as_pytorch_reads_it() {
    let table = fs::read_to_string(fixture("endianness.json")).expect("the fixture");
    let table: serde_json::Map<String, Json> = serde_json::from_str(&table).expect("JSON");
    assert_eq!(table.len(), 4);
    assert_ne!(table["big_unmarked.pt"]["big"], table["big_unmarked.pt"]["none"]);
    for (file, settings) in &table {
        for (setting, expected) in settings.as_object().expect("settings") {
            let options = match setting.as_str() {
                "none" => OpenOptions::new(),
                "native" => OpenOptions::new().default_endianness(Endianness::Native),
                "little" => OpenOptions::new().default_endianness(Endianness::Little),
                "big" => OpenOptions::new().default_endianness(Endianness::Big),
                other => panic!("{other}"),
            };
            if setting == "native" && cfg!(target_endian = "big") {
                // The table is of a little-endian machine.
                continue;
            }
            let path = fixture(file);
            let by_path = Checkpoint::open_with(&path, &options).expect("a file");
            assert_eq!(contents(&by_path), *expected, "{file}, {setting}");
            let bytes = fs::read(&path).expect("a file");
            assert_eq!(contents(&Checkpoint::from_bytes_with(bytes, &options).expect("bytes")), *expected);
            let stream = File::open(&path).expect("a file");
            assert_eq!(contents(&Checkpoint::from_reader_with(stream, &options).expect("a stream")), *expected);
        }
    }
}

#[test]
fn the_shards_of_an_index_have_its_default_endianness() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(fixture("big_unmarked.pt"), folder.path().join("all.pt")).expect("a copy");
    let keys = ["float32", "float16", "int64", "complex64", "bool"].map(|key| format!("{key:?}: \"all.pt\""));
    let index = folder.path().join("pytorch_model.bin.index.json");
    fs::write(&index, format!("{{\"weight_map\": {{{}}}}}", keys.join(","))).expect("an index");
    let options = OpenOptions::new().default_endianness(Endianness::Big);
    let (sharded, marked) = (Checkpoint::open_with(&index, &options), Checkpoint::open(fixture("big.pt")));
    assert_eq!(contents(&sharded.expect("shards")), contents(&marked.expect("a file")));
}

#[test]
fn limits_alone_are_options_too() {
    let mut limits = Limits::default();
    limits.pickle_bytes = 10;
    let error = Checkpoint::open_with(fixture("little.pt"), &limits).expect_err("a pickle over the limit").to_string();
    assert!(error.contains("`Limits::pickle_bytes`"), "{error}");
    let options = OpenOptions::new().limits(limits);
    let error = Checkpoint::open_with(fixture("little.pt"), options).expect_err("a pickle over the limit").to_string();
    assert!(error.contains("`Limits::pickle_bytes`"), "{error}");
}
