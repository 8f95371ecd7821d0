//! Files whose pickles hold Python objects: optimizers, quantised modules, schedulers, functions and classes by value.
//! `fixtures/objects` has the files and what torch reads from each.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{CheckpointErrorKind, Opaque, RawEntry, TensorInfo, Value};
use model_runtime::prelude::*;
use serde_json::{Map, Value as Json, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/objects").join(name)
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn json_of(name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(fixture(name)).unwrap()).unwrap()
}

fn expected(name: &str) -> Json {
    json_of("index.json")[name].clone()
}

fn object<'a>(value: Option<&'a Value>, global: &str) -> &'a Opaque {
    match value {
        Some(Value::Opaque(object)) if object.global() == global => object,
        other => panic!("{global}: {other:?}"),
    }
}

/// The elements of a tensor of `float32`.
fn numbers(tensor: &TensorInfo) -> Json {
    let bytes = tensor.read_bytes().unwrap();
    bytes.chunks_exact(4).map(|bytes| json!(f64::from(f32::from_le_bytes(bytes.try_into().unwrap())))).collect()
}

fn tensors(checkpoint: &Checkpoint) -> Json {
    let tensor = |entry: &RawEntry| match entry {
        RawEntry::Tensor(tensor) => numbers(tensor),
        other => panic!("{other:?}"),
    };
    let state = checkpoint.raw_state_dict().unwrap();
    Json::Object(state.entries.iter().map(|(key, entry)| (key.clone(), tensor(entry))).collect())
}

#[derive(Module, Debug)]
struct Quantised<D: Device> {
    #[module(rename = "0")]
    first: Linear<D>,
    #[module(rename = "1")]
    second: Linear<D>,
}

#[test]
fn the_packed_weights_of_a_quantised_module_are_listed_and_a_strict_load_reports_them() {
    let (checkpoint, expected) = (open("quantised_linear.pt"), expected("quantised_linear"));
    let state = checkpoint.raw_state_dict().unwrap();
    let mut keys: Vec<&str> = state.entries.iter().map(|(key, _)| key.as_str()).collect();
    keys.extend(state.other.iter().map(|(key, _)| key.as_str()));
    let mut wanted: Vec<&str> = expected["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    // `dtype` is no tensor, and what the others are cannot be seen in the file.
    wanted.retain(|key| !key.ends_with(".dtype"));
    keys.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    for (key, values) in expected["tensors"].as_object().unwrap() {
        match state.entries.iter().find(|(other, _)| other == key) {
            Some((_, RawEntry::Tensor(tensor))) => assert_eq!(numbers(tensor), *values, "{key}"),
            other => panic!("{other:?}"),
        }
    }
    let state = checkpoint.state_dict().unwrap();
    let packed = "1._packed_params._packed_params";
    let reason = state.unreadable().find(|(key, _)| *key == packed).unwrap().1.to_owned();
    assert!(reason.contains("torch.ScriptObject"), "{reason}");
    let net = Quantised { first: Linear::new(2, 3), second: Linear::new(3, 2) };
    let error = net.load_state_dict(&state, Cpu).unwrap_err().to_string();
    for text in ["1.weight", packed, "1.scale", "1.zero_point"] {
        assert!(error.contains(text), "{text}: {error}");
    }
}

#[test]
fn an_optimizer_that_was_saved_whole_has_its_state_under_its_parameters() {
    let (checkpoint, expected) = (open("optimizer.pt"), expected("optimizer"));
    let optimizer = object(checkpoint.root().get("opt"), "torch.optim.adam.Adam");
    let state = optimizer.attribute("state").and_then(Value::as_dict).unwrap();
    let of_key = |value: &Value| {
        let entries = value.as_dict().unwrap().iter();
        let entries =
            entries.map(|(name, value)| (name.as_str().unwrap().to_owned(), numbers(value.as_tensor().unwrap())));
        Json::Object(entries.collect::<Map<_, _>>())
    };
    let found: Vec<Json> =
        state.iter().map(|(key, value)| json!([numbers(key.as_tensor().unwrap()), of_key(value)])).collect();
    assert_eq!(Json::from(found), expected["state"]);
    let groups = optimizer.attribute("param_groups").and_then(Value::as_list).unwrap();
    assert_eq!(groups[0].get("lr").and_then(Value::as_float), expected["lr"].as_f64());
    // The keys are the parameters themselves.
    let first = groups[0].get("params").and_then(Value::as_list).unwrap()[0].as_tensor().unwrap();
    let key = state.iter().next().unwrap().0.as_tensor().unwrap();
    assert_eq!((first.storage().id(), first.is_parameter()), (key.storage().id(), true));
}

#[test]
fn a_call_that_is_thrown_away_sets_a_state() {
    let (checkpoint, expected) = (open("effects.pt"), expected("effects"));
    let root = checkpoint.root();
    assert_eq!(numbers(root.get("w").and_then(Value::as_tensor).unwrap()), expected["w"]);
    let set = object(Some(object(root.get("setter"), "saved.WithSetter").state()), "saved.set_state");
    let [Value::Recursive, state] = set.args().as_list().unwrap() else { panic!("{:?}", set.args()) };
    assert_eq!(numbers(state.get("weight").and_then(Value::as_tensor).unwrap()), expected["setter"]);
    let scheduler = object(root.get("scheduler"), "saved.Scheduler");
    assert_eq!(scheduler.attribute("rate").and_then(Value::as_float), expected["rate"].as_f64());
    let method = object(scheduler.attribute("step"), "builtins.getattr").args().as_list().unwrap();
    assert!(matches!(method[0], Value::Recursive) && method[1].as_str() == Some("advance"), "{method:?}");
}

#[test]
fn an_object_that_is_made_of_a_list_which_gets_the_object_is_not_supported() {
    let error = Checkpoint::open(fixture("recursive.pt")).unwrap_err();
    assert_eq!(error.kind(), CheckpointErrorKind::Unsupported, "{error}");
    for text in ["key `parent`", "saved.Parent", "an argument is changed after the call that took it"] {
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
}

#[test]
fn tensors_beside_functions_and_classes_by_value_are_read() {
    for name in ["dill", "cloudpickle"] {
        let checkpoint = open(&format!("{name}.pt"));
        assert_eq!(tensors(&checkpoint), expected(name), "{name}");
        let decay = checkpoint.root().get("decay").unwrap();
        assert!(matches!(decay, Value::Opaque(_)), "{name}: {decay}");
        assert!(checkpoint.globals().any(|global| global.starts_with(name)), "{name}");
    }
}

#[test]
fn the_state_of_a_scheduler_that_holds_a_method_of_itself_is_read() {
    let (checkpoint, expected) = (open("one_cycle.pt"), json_of("one_cycle.json"));
    assert_eq!(tensors(&checkpoint), expected["model"]);
    let state = checkpoint.root().get("scheduler").unwrap();
    for (key, wanted) in expected["scheduler"].as_object().unwrap() {
        match (state.get(key), wanted) {
            (Some(Value::Int(found)), wanted) => assert_eq!(Some(*found), wanted.as_i64(), "{key}"),
            (Some(Value::Bool(found)), wanted) => assert_eq!(Some(*found), wanted.as_bool(), "{key}"),
            (other, _) => panic!("{key}: {other:?}"),
        }
    }
    object(state.get("anneal_func"), "builtins.getattr");
}

#[test]
fn a_module_with_a_hook_that_changes_its_state_dict_is_refused() {
    assert_eq!(expected("hooked")["keys"], json!(["0.bias", "0.renamed"]));
    let error = open("hooked.pt").state_dict().unwrap_err().to_string();
    for text in ["`saved.rename`", "`_state_dict_hooks` of module `0`", "save `model.state_dict()` instead"] {
        assert!(error.contains(text), "{text}: {error}");
    }
}
