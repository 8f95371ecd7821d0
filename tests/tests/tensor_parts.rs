//! Tensors that are more than a dtype, a shape and bytes: their parts, the attributes that Python code gave them, and
//! how they are written again. `fixtures/tensors` has the files and what torch says of them.

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Opaque, RawEntry, ScalarType, TensorInfo, Value};
use model_runtime::prelude::*;
use serde_json::{Value as Json, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tensors").join(name)
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn expected() -> Json {
    serde_json::from_str(&fs::read_to_string(fixture("parts.json")).expect("the fixture")).expect("JSON")
}

/// The parts of the tensor `key` of `parts.pt`.
fn parts<'a>(root: &'a Value, key: &str) -> (&'a Opaque, &'a [Value]) {
    match root.get(key) {
        Some(Value::Opaque(object)) => (object, object.args().as_list().expect("the arguments of a call")),
        other => panic!("{key}: {other:?}"),
    }
}

fn numbers(bytes: &[u8], dtype: ScalarType) -> Vec<f64> {
    let (elements, size) = (bytes.chunks_exact(dtype.itemsize()), dtype.name());
    let number = |bytes: &[u8]| match size {
        "float32" => f64::from(f32::from_le_bytes(bytes.try_into().expect("4 bytes"))),
        "float64" => f64::from_le_bytes(bytes.try_into().expect("8 bytes")),
        "int64" => i64::from_le_bytes(bytes.try_into().expect("8 bytes")) as f64,
        other => panic!("{other}"),
    };
    elements.map(number).collect()
}

/// The elements of a tensor as nested lists, as Python's `tolist`.
fn list(value: &Value) -> Json {
    fn nested(numbers: &[f64], shape: &[usize]) -> Json {
        match shape {
            [] => json!(numbers[0]),
            [len, inner @ ..] => {
                let step = numbers.len() / (*len).max(1);
                (0..*len).map(|at| nested(&numbers[at * step..(at + 1) * step], inner)).collect()
            }
        }
    }
    let tensor: &TensorInfo = value.as_tensor().unwrap_or_else(|| panic!("{value} is no tensor"));
    nested(&numbers(&tensor.read_bytes().expect("bytes"), tensor.dtype()), tensor.shape())
}

/// As JSON with floats only: `1` and `1.0` are one number.
fn floats(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.iter().map(floats).collect(),
        other => other.clone(),
    }
}

fn size(value: &Value) -> Json {
    match value {
        Value::Size(sizes) => json!(sizes.to_vec()),
        other => panic!("{other}"),
    }
}

#[test]
fn a_sparse_tensor_is_its_indices_values_and_size() {
    let (file, expected) = (open("parts.pt"), expected());
    for key in ["coo", "uncoalesced"] {
        let (object, args) = parts(file.root(), key);
        assert_eq!(object.global(), "torch._utils._rebuild_sparse_tensor");
        let Some([indices, values, shape, Value::Bool(coalesced)]) = args[1].as_list() else { panic!("{}", args[1]) };
        let expected = &expected[key];
        assert_eq!(list(indices), floats(&expected["indices"]), "{key}");
        assert_eq!(list(values), floats(&expected["values"]), "{key}");
        assert_eq!(
            (size(shape), json!(coalesced)),
            (expected["size"].clone(), expected["is_coalesced"].clone()),
            "{key}"
        );
    }
    for key in ["csr", "csc", "bsr", "bsc"] {
        let (_, args) = parts(file.root(), key);
        let Some([compressed, plain, values, shape]) = args[1].as_list() else { panic!("{}", args[1]) };
        let Value::Opaque(layout) = &args[0] else { panic!("{}", args[0]) };
        assert_eq!(layout.args(), &Value::tuple([format!("torch.sparse_{key}")]));
        let expected = &expected[key];
        assert_eq!(json!([list(compressed), list(plain)]), floats(&expected["indices"]), "{key}");
        assert_eq!((list(values), size(shape)), (floats(&expected["values"]), expected["size"].clone()), "{key}");
    }
}

#[test]
fn a_quantised_tensor_is_its_integers_scale_and_zero_point() {
    let (file, expected) = (open("parts.pt"), expected());
    let integers = |storage: &Value, width: usize, signed: bool| {
        let Value::Storage(view) = storage else { panic!("{storage}") };
        let bytes = view.storage().read().expect("bytes");
        let integer = |bytes: &[u8]| match (width, signed) {
            (1, true) => i64::from(bytes[0].cast_signed()),
            (1, false) => i64::from(bytes[0]),
            _ => i64::from(i32::from_le_bytes(bytes.try_into().expect("4 bytes"))),
        };
        json!(bytes.chunks_exact(width).map(integer).collect::<Vec<_>>())
    };
    for (key, width, signed) in [("quint8", 1, false), ("qint32", 4, true)] {
        let (object, args) = parts(file.root(), key);
        assert_eq!(object.global(), "torch._utils._rebuild_qtensor");
        assert_eq!(integers(&args[0], width, signed), expected[key]["int_repr"], "{key}");
        let Some([_, scale, zero_point]) = args[4].as_list() else { panic!("{}", args[4]) };
        assert_eq!(json!(scale.as_float()), expected[key]["scale"], "{key}");
        assert_eq!(json!(zero_point.as_int()), expected[key]["zero_point"], "{key}");
    }
    let (_, args) = parts(file.root(), "per_channel");
    let expected = &expected["per_channel"];
    assert_eq!(integers(&args[0], 1, true), expected["int_repr"]);
    let Some([_, scales, zero_points, axis]) = args[4].as_list() else { panic!("{}", args[4]) };
    assert_eq!((list(scales), list(zero_points)), (floats(&expected["scales"]), floats(&expected["zero_points"])));
    assert_eq!(json!(axis.as_int()), expected["axis"]);
}

#[test]
fn a_nested_tensor_is_its_buffer_and_sizes() {
    let (file, expected) = (open("parts.pt"), expected());
    let (_, args) = parts(file.root(), "nested");
    assert_eq!(list(&args[0]), floats(&expected["nested"]["buffer"]));
    assert_eq!(list(&args[1]), floats(&expected["nested"]["sizes"]));
}

#[test]
fn what_cannot_be_read_is_named_with_its_reason_in_a_state_dict() {
    let file = open("parts.pt");
    let state = file.raw_state_dict().expect("a state dict");
    let reason = |key: &str| {
        let entry = state.entries.iter().find(|(name, _)| name == key).map(|(_, entry)| entry);
        match entry {
            Some(RawEntry::Unreadable { reason }) => reason.clone(),
            other => panic!("{key}: {other:?}"),
        }
    };
    assert!(matches!(state.entries.first(), Some((key, RawEntry::Tensor(_))) if key == "usual"));
    for key in ["coo", "uncoalesced", "csr", "csc", "bsr", "bsc"] {
        assert_eq!(reason(key), "a sparse tensor; save `tensor.to_dense()` instead");
    }
    for key in ["quint8", "qint32", "per_channel"] {
        assert_eq!(reason(key), "a quantised tensor; save `tensor.dequantize()` instead");
    }
    assert_eq!(reason("nested"), "a nested tensor; save its parts instead");
    assert_eq!(reason("conj"), "a conjugated view; save `tensor.resolve_conj()` instead");
    let error = file.state_dict().expect("a state dict").save(fixture("never.pt")).unwrap_err().to_string();
    assert!(error.contains("coo: cannot be saved: a sparse tensor"), "{error}");
    let error = file.get("coo").expect("an entry").root().deserialize::<Vec<f32>>().unwrap_err().to_string();
    assert!(error.contains("a sparse tensor"), "{error}");
}

/// The numbers are those of `make_tensors.py`: `torch._neg_view(tensor([1., -2.]))`, and the imaginary part of the
/// conjugate of `[1+2j, -3-0.5j]`, which is a negated view with strides.
#[test]
fn a_negated_view_is_a_tensor_of_the_state_dict_with_its_values_negated() {
    let file = open("parts.pt");
    let state = file.get("neg").map(|_| file.state_dict()).expect("an entry").expect("a state dict");
    let read = |state: &StateDict, key: &str| {
        state.get(key).expect("an entry").read().expect("a tensor").to_vec1::<f32>().expect("floats")
    };
    assert_eq!((read(&state, "neg"), read(&state, "imag")), (vec![-1.0, 2.0], vec![-2.0, 0.5]));
    let kept = state.filter(|key| matches!(key, "usual" | "neg" | "imag"));
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["net.pt", "net.safetensors"] {
        kept.save(folder.path().join(name)).expect("a file");
        let saved = Checkpoint::open(folder.path().join(name)).expect("a file").state_dict().expect("a state dict");
        assert_eq!((read(&saved, "neg"), read(&saved, "imag")), (vec![-1.0, 2.0], vec![-2.0, 0.5]), "{name}");
    }
    // The tree keeps what the file says.
    let parts = file.get("neg").expect("an entry");
    assert!(matches!(parts.root(), Value::Opaque(object) if object.global() == "torch._utils._rebuild_tensor_v2"));
}

#[test]
fn attributes_of_tensors_and_parameters_are_there() {
    let file = open("attributes.pt");
    let tensor = |key: &str| file.root().get(key).and_then(Value::as_tensor).unwrap_or_else(|| panic!("{key}"));
    let attribute = |key: &str, name: &str| tensor(key).attributes().and_then(|set| set.get(name)).cloned();
    assert_eq!(attribute("tensor", "note"), Some("a tensor".into()));
    let deep = attribute("tensor", "steps").expect("a list").as_list().expect("a list")[2].get("deep").cloned();
    assert_eq!(list(&deep.expect("a tensor")), json!([7.0]));
    assert_eq!(tensor("tensor").class(), None);
    assert!(tensor("view").attributes().is_none() && tensor("view").class().is_none());
    assert_eq!(tensor("view").storage().id(), tensor("tensor").storage().id());
    assert_eq!(attribute("parameter", "tensor_model_parallel"), Some(true.into()));
    assert_eq!(attribute("parameter", "partition_dim"), Some(0.into()));
    assert!(tensor("parameter").is_parameter() && !tensor("parameter").requires_grad());
    assert_eq!(attribute("buffer", "persistent"), Some(false.into()));
    assert_eq!(
        (tensor("plain").class(), tensor("tagged").class()),
        (Some("annotations.Tagged"), Some("annotations.Tagged"))
    );
    assert_eq!(attribute("tagged", "kind"), Some("tagged".into()));
    assert_eq!(
        (attribute("wide", "note"), tensor("wide").dtype()),
        (Some("a storage of bytes".into()), ScalarType::UInt16)
    );
    assert!(attribute("meta", "note") == Some("no data".into()) && tensor("meta").is_meta());
}

#[test]
fn tensors_with_attributes_are_entries_of_a_state_dict_as_any_other() {
    let state = open("attributes.pt").state_dict().expect("a state dict");
    assert_eq!(
        state.get("tensor").expect("an entry").read().expect("data").to_vec1::<f32>().expect("floats"),
        [0.0, 1.0, 2.0, 3.0]
    );
    assert_eq!(state.get("tagged").expect("an entry").shape(), [2]);
    assert_eq!(state.unreadable().map(|(key, _)| key).collect::<Vec<_>>(), ["meta"]);
}

#[test]
fn parts_attributes_and_subclasses_are_written_again_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    for original in ["parts.pt", "attributes.pt", "meta.pt"].map(fixture) {
        let copy = folder.path().join(original.file_name().expect("a name"));
        let file = Checkpoint::open(&original).unwrap_or_else(|error| panic!("{error}"));
        file.root().save(&copy).unwrap_or_else(|error| panic!("{error}"));
        assert!(
            fs::read(&original).expect("a fixture") == fs::read(&copy).expect("the copy"),
            "{}",
            original.display()
        );
    }
}

#[test]
fn two_meta_tensors_share_no_storage() {
    let file = open("meta.pt");
    let storage = |key: &str| file.root().get(key).and_then(Value::as_tensor).expect("a tensor").storage().id();
    assert_ne!(storage("a"), storage("b"));
    let again = file.root().get("a").cloned();
    assert_eq!(again.as_ref().and_then(Value::as_tensor).map(|tensor| tensor.storage().id()), Some(storage("a")));
}
