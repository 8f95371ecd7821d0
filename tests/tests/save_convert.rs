//! Conversion between formats: what goes there and back is the same, bit for bit.

mod round_trip;

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Checkpoint, Format, RawEntry, RawStateDict, SaveOptions, Value, convert};
use model_runtime::prelude::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checkpoints").join(name)
}

fn state(path: &Path) -> RawStateDict {
    let opened = Checkpoint::open(path).and_then(|file| file.raw_state_dict());
    opened.unwrap_or_else(|error| panic!("{error}"))
}

/// Keys in order, dtypes, shapes and bytes.
fn contents(state: &RawStateDict) -> Vec<(String, String, Vec<usize>, Vec<u8>)> {
    let content = |(key, entry): &(String, RawEntry)| match entry {
        RawEntry::Tensor(tensor) => {
            let bytes = tensor.read_bytes().expect("bytes");
            (key.clone(), tensor.dtype().to_string(), tensor.shape().to_vec(), bytes)
        }
        other => panic!("{key}: {other:?}"),
    };
    state.entries.iter().map(content).collect()
}

#[test]
fn every_state_dict_that_safetensors_can_hold_comes_back_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (there, back) = (folder.path().join("there.safetensors"), folder.path().join("back.pt"));
    let (mut converted, mut refused) = (0, 0);
    for path in round_trip::files(&["checkpoints", "wild", "saving"]) {
        let Ok(original) = Checkpoint::open(&path).and_then(|file| file.raw_state_dict()) else { continue };
        if let Err(error) = convert(&path, &there, &SaveOptions::new().tensors_only(true)) {
            let text = error.to_string();
            assert!(text.contains("cannot be saved") || text.contains("safetensors has no dtype"), "{text}");
            refused += 1;
            continue;
        }
        convert(&there, &back, &SaveOptions::new()).unwrap_or_else(|error| panic!("{error}"));
        let (mut expected, mut found) = (contents(&original), contents(&state(&back)));
        // Names of a tensor that was written once are at the end.
        expected.sort();
        found.sort();
        assert!(expected == found, "{}", path.display());
        converted += 1;
    }
    assert!(converted > 70 && refused < 12, "{converted} converted, {refused} refused");
}

#[test]
fn the_order_of_the_keys_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.safetensors");
    convert(fixture("net_state_dict.pt"), &path, &SaveOptions::new()).expect("a conversion");
    assert_eq!(contents(&state(&path)), contents(&state(&fixture("net_state_dict.pt"))));
    assert_eq!(Checkpoint::open(&path).expect("a file").metadata(), [("format".into(), "pt".into())]);
}

#[test]
fn a_tied_tensor_is_written_once_and_a_model_that_ties_it_loads_it() {
    #[derive(Module, Debug)]
    struct Tied<D: Device> {
        embedding: Embedding<D>,
        out: Linear<D>,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tied.safetensors");
    let declared = || {
        let embedding = Embedding::new(5, 3);
        let mut out = Linear::new(3, 5).bias(false);
        out.weight = embedding.weight.clone();
        Tied { embedding, out }
    };
    let model = declared().init_seeded(Cpu, 1).expect("a model");
    model.state_dict().expect("a state dict").save(&path).expect("a file");
    let saved = Checkpoint::open(&path).expect("a file");
    assert_eq!(saved.root().as_dict().map(|dict| dict.len()), Some(1));
    let alias = ("out.weight".to_owned(), "embedding.weight".to_owned());
    assert!(saved.metadata().contains(&alias), "{:?}", saved.metadata());
    let loaded = declared().load_state_dict(&saved.state_dict().expect("a state dict"), Cpu).expect("a load");
    let flat =
        |model: &Tied<Cpu>| model.out.weight.tensor().flatten_all().and_then(|x| x.to_vec1::<f32>()).expect("data");
    assert_eq!(flat(&loaded), flat(&model));
}

#[test]
fn a_tied_tensor_whose_name_the_metadata_has_is_written_again() {
    #[derive(Module, Debug)]
    struct Named<D: Device> {
        weight: Param<D>,
        format: Param<D>,
        model_runtime_set: Param<D>,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("named.safetensors");
    let weight = Param::new((2, 3), init::ONE);
    let declared = Named { format: weight.clone(), model_runtime_set: weight.clone(), weight };
    let model = declared.init_seeded(Cpu, 1).expect("a model");
    model.state_dict().expect("a state dict").save(&path).expect("a file");
    let saved = Checkpoint::open(&path).expect("a file");
    assert_eq!(saved.metadata(), [("format".into(), "pt".into())]);
    let keys: Vec<_> = contents(&state(&path)).into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys, ["weight", "format", "model_runtime_set"]);
}

#[test]
fn large_safetensors_are_split_and_read_back_through_their_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    let original = state(&fixture("net_state_dict.pt"));
    convert(fixture("net_state_dict.pt"), &path, &SaveOptions::new().max_shard_size(100)).expect("shards");
    let index = folder.path().join("model.safetensors.index.json");
    let read = Checkpoint::open(&index).expect("the index");
    assert_eq!(read.format(), Format::Sharded);
    assert_eq!(contents(&read.raw_state_dict().expect("a state dict")), contents(&original));
    assert!(!path.exists());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(&index).expect("a file")).expect("JSON");
    let total: usize = contents(&original).iter().map(|(.., bytes)| bytes.len()).sum();
    assert_eq!(json["metadata"]["total_size"], total);
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("text");
        let is_shard = name.starts_with("model-0000") && name.ends_with(".safetensors") && name.contains("-of-0000");
        assert!(is_shard || entry.path() == index, "{name}");
    }
    convert(&index, folder.path().join("joined.pt"), &SaveOptions::new()).expect("one file");
    assert_eq!(contents(&state(&folder.path().join("joined.pt"))), contents(&original));
}

#[test]
fn a_bool_stays_a_bool_and_its_bytes_stay_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["a.safetensors", "a.pt"] {
        let path = folder.path().join(name);
        Checkpoint::open(fixture("bool_bytes.pt"))
            .expect("a file")
            .state_dict()
            .expect("a state dict")
            .save(&path)
            .unwrap();
        let found = contents(&state(&path));
        assert_eq!(found, [("x".into(), "bool".into(), vec![4], vec![0, 1, 2, 255])]);
    }
}

#[test]
fn the_objects_of_a_torchscript_archive_are_not_saved_as_if_python_had_their_classes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("whole.pt");
    let script = Checkpoint::open(fixture("torchscript.pt")).expect("an archive");
    let error = script.root().save(&path).expect_err("a class of the archive").to_string();
    assert!(
        error.contains("a class of a TorchScript archive, which Python cannot import, got: `__torch__."),
        "{error}"
    );
    assert!(error.contains("save the tensors alone: `checkpoint.state_dict()?.save(..)`"), "{error}");
    assert!(!path.exists());
    script.state_dict().and_then(|state| state.save(&path)).expect("the tensors alone");
    assert_eq!(contents(&state(&path)), contents(&state(&fixture("torchscript.pt"))));
}

#[test]
fn the_tensors_of_a_scripted_module_become_a_state_dict() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.pt");
    convert(fixture("torchscript.pt"), &path, &SaveOptions::new()).expect("a conversion");
    assert_eq!(Checkpoint::open(&path).expect("a file").format(), Format::TorchZip);
    assert_eq!(contents(&state(&path)), contents(&state(&fixture("torchscript.pt"))));
}

/// As `safetensors.torch.save_file` refuses a value that is no tensor.
#[test]
fn what_is_no_tensor_is_an_error_of_safetensors_that_names_it_or_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.safetensors");
    let original = fixture("../state_dict/extra_state_dict.pt");
    let file = Checkpoint::open(&original).expect("a fixture").state_dict().expect("a state dict");
    let errors = [
        convert(&original, &path, &SaveOptions::new()).expect_err("a dict").to_string(),
        file.save(&path).expect_err("a dict").to_string(),
        file.save_safetensors(&path).expect_err("a dict").to_string(),
    ];
    for error in errors {
        assert!(error.starts_with(path.to_str().expect("text")), "{error}");
        let expected = "safetensors holds tensors only, got: `0._extra_state`; save it as `.pt`, or leave them out with \
                        `SaveOptions::new().tensors_only(true)`";
        assert!(error.ends_with(expected), "{error}");
    }
    assert!(!path.exists());
    let options = SaveOptions::new().tensors_only(true);
    convert(&original, &path, &options).expect("the tensors");
    let converted = fs::read(&path).expect("a file");
    file.save_with(&path, &options).expect("the tensors");
    assert!(fs::read(&path).expect("a file") == converted);
    assert_eq!(state(&path).entries.len(), state(&original).entries.len());
    // Leaving one entry out by its name needs no option.
    file.filter(|key| !key.ends_with("_extra_state")).save(&path).expect("the tensors");
}

#[test]
fn a_conversion_to_nothing_known_is_refused() {
    let error = convert(fixture("tied.pt"), "tied.gguf", &SaveOptions::new()).unwrap_err().to_string();
    assert!(error.starts_with("tied.gguf: cannot tell the format") && error.contains("`.safetensors`"), "{error}");
}

/// Random trees, from a fixed start: saved, read, and compared bit for bit.
#[test]
fn random_trees_come_back_bit_for_bit() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..300 {
        let tree = random.tree(4);
        let mut bytes = Vec::new();
        tree.write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
        let read = Checkpoint::from_bytes(bytes).unwrap_or_else(|error| panic!("{error}: {tree}"));
        round_trip::compare(&tree, read.root(), &tree.to_string());
    }
}

struct Random(u64);

impl Random {
    /// Xorshift.
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn key(&mut self) -> Value {
        match self.below(4) {
            0 => Value::from(self.next() as i64),
            1 => Value::tuple([Value::from(self.below(9)), Value::None]),
            2 => Value::from(f64::from_bits(self.next() | 1)),
            _ => Value::from(format!("key {}", self.below(1000))),
        }
    }

    fn tree(&mut self, depth: u32) -> Value {
        let len = self.below(4);
        match if depth == 0 { self.below(7) } else { self.below(12) } {
            0 => Value::None,
            1 => Value::from(self.below(2) == 0),
            2 => Value::from((self.next() as i64) >> self.below(64)),
            3 => Value::from((i128::from(self.next() as i64) << 64) | i128::from(self.next())),
            4 => Value::from(f64::from_bits(self.next())),
            5 => Value::from(char::from_u32(self.below(0xd800) as u32).unwrap_or('x').to_string()),
            6 => Value::from(self.next().to_le_bytes().as_slice()),
            7 => Value::list((0..len).map(|_| self.tree(depth - 1)).collect::<Vec<_>>()),
            8 => Value::tuple((0..len).map(|_| self.tree(depth - 1)).collect::<Vec<_>>()),
            9 => Value::ordered_dict((0..len).map(|_| (self.key(), self.tree(depth - 1))).collect::<Vec<_>>()),
            10 => {
                let shared = self.tree(depth - 1);
                Value::list([shared.clone(), shared])
            }
            _ => Value::dict((0..len).map(|_| (self.key(), self.tree(depth - 1))).collect::<Vec<_>>()),
        }
    }
}
