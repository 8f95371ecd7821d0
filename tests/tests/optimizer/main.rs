//! States of PyTorch's optimizers: read by parameter, continued in Rust, and written so that PyTorch continues.

mod interop;
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{SaveOptions, Value};
use model_runtime::prelude::*;
use model_runtime::state_dict::{OptimizerState, ParamGroup, ParamState};
use serde_json::Value as Json;
use steps::{AdamW, Sgd, Weights};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/optimizers").join(name)
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn expected() -> Json {
    serde_json::from_str(&fs::read_to_string(fixture("steps.json")).expect("the fixture")).expect("JSON")
}

fn floats(json: &Json) -> Vec<f32> {
    json.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number") as f32).collect()
}

fn assert_close(left: &[f32], right: &[f32], at: &str) {
    assert_eq!(left.len(), right.len(), "{at}");
    assert!(left.iter().zip(right).all(|(left, right)| (left - right).abs() < 1e-6), "{at}: {left:?} is not {right:?}");
}

fn read(state: &ParamState, name: &str) -> Vec<f32> {
    state.tensor(name).and_then(|tensor| tensor.flatten_all()?.to_vec1()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn state_and_options_are_found_by_the_name_of_the_parameter() {
    let optimizer = open("adamw.pt").optimizer_state().expect("a state");
    let [group] = optimizer.groups() else { panic!("{optimizer:?}") };
    assert_eq!(group.names().collect::<Vec<_>>(), ["weight", "bias"]);
    assert_eq!(group.get("lr"), Some(&Value::from(0.01)));
    let state = optimizer.get("weight").expect("the weight");
    assert_eq!(state.names().collect::<Vec<_>>(), ["step", "exp_avg", "exp_avg_sq"]);
    assert_eq!(state.step().expect("a step"), Some(3.0));
    assert_eq!(state.tensor("exp_avg").expect("a tensor").dims(), [2, 3]);
    let kept = &expected()["adamw"]["kept"];
    for name in ["exp_avg", "exp_avg_sq"] {
        assert_eq!(read(state, name), floats(&kept[name]), "{name}");
    }
    assert!(optimizer.get("head.weight").is_none());
    let error = state.tensor("momentum").unwrap_err().to_string();
    assert!(error.contains("no tensor `momentum`") && error.contains("`exp_avg`"), "{error}");
}

#[test]
fn an_optimizer_that_goes_on_from_the_file_trains_as_pytorchs() {
    let expected = expected();
    for (file, make) in [("adamw", AdamW::step as fn(&mut Weights, &ParamGroup, &Json)), ("sgd", Sgd::step)] {
        let checkpoint = open(&format!("{file}.pt"));
        let optimizer =
            checkpoint.optimizer_state().expect("a state").with_names(["weight", "bias"]).expect("two names");
        let mut weights = Weights::read(&checkpoint, &optimizer);
        for (at, after) in expected[file]["after"].as_array().expect("steps").iter().enumerate() {
            for group in optimizer.groups() {
                make(&mut weights, group, &expected["gradients"][3 + at]);
            }
            for name in ["weight", "bias"] {
                assert_close(&weights.values[name], &floats(&after[name]), &format!("{file} {name} after {at}"));
            }
        }
    }
}

#[test]
fn a_state_of_an_older_version_has_a_number_for_its_step_and_lacks_flags() {
    let (checkpoint, expected) = (open("older.pt"), expected());
    let optimizer = checkpoint.optimizer_state().expect("a state");
    let [group] = optimizer.groups() else { panic!("{optimizer:?}") };
    assert_eq!((group.get("maximize"), group.names().count()), (None, 0));
    let options: AdamW = group.options().expect("the options that there are");
    assert!(!options.maximize);
    let steps: Vec<_> = group.params().map(|(_, state)| state.step().expect("a step")).collect();
    assert_eq!(steps, [Some(3.0), Some(3.0)]);
    let named = optimizer.with_names(["weight", "bias"]).expect("two names");
    let mut weights = Weights::read(&checkpoint, &named);
    for (at, after) in expected["older"]["after"].as_array().expect("steps").iter().enumerate() {
        AdamW::step(&mut weights, &named.groups()[0], &expected["gradients"][3 + at]);
        assert_close(&weights.values["weight"], &floats(&after["weight"]), "weight");
    }
}

#[test]
fn names_are_kept_if_the_file_has_them_and_given_if_it_has_none() {
    let optimizer = open("adamw.pt").optimizer_state().expect("a state");
    let written = Value::from(&optimizer);
    let names = written.get("param_groups").and_then(Value::as_list).and_then(|groups| groups[0].get("param_names"));
    assert_eq!(names, Some(&Value::list(["weight", "bias"])));
    let sgd = open("sgd.pt").optimizer_state().expect("a state");
    assert!(sgd.get("bias").is_none());
    let named = sgd.with_names(["weight", "bias"]).expect("two names");
    assert_eq!(read(named.get("bias").expect("the bias"), "momentum_buffer").len(), 2);
    let written = Value::from(&named);
    let groups = written.get("param_groups").and_then(Value::as_list).expect("groups");
    assert_eq!(groups[1].get("param_names"), Some(&Value::list(["bias"])));
    let error = named.clone().with_names(["weight"]).unwrap_err().to_string();
    assert!(error.contains("expected: 2, got: 1"), "{error}");
    let error = named.with_names(["weight", "weight"]).unwrap_err().to_string();
    assert!(error.contains("`weight`"), "{error}");
}

#[test]
fn what_was_read_is_written_as_it_was() {
    for file in ["adamw.pt", "sgd.pt", "older.pt"] {
        let checkpoint = open(file);
        let optimizer = checkpoint.optimizer_state().expect("a state");
        let original = checkpoint.root().get("optimizer_state_dict").expect("the dict");
        assert_eq!(&Value::from(&optimizer), original, "{file}");
        assert_eq!(Value::from(&optimizer), Value::from(&optimizer.clone()));
        let mut bytes = Vec::new();
        Value::from(&optimizer).write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
        let copy = Checkpoint::from_bytes(bytes).expect("a checkpoint").optimizer_state().expect("a state");
        let state = |optimizer: &OptimizerState| {
            let group = &optimizer.groups()[0];
            group
                .params()
                .flat_map(|(_, state)| state.names().map(|name| name.to_owned()).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        };
        assert_eq!(state(&copy), state(&optimizer), "{file}");
    }
}

#[test]
fn a_distributed_checkpoint_has_strings_for_numbers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/distributed/general");
    let optimizer = Checkpoint::open(folder).expect("a checkpoint").optimizer_state().expect("a state");
    let params: Vec<_> = optimizer.groups().iter().flat_map(ParamGroup::params).collect();
    assert_eq!(params.len(), 4);
    assert!(params.iter().all(|(_, state)| state.step().expect("a step") == Some(1.0)));
    assert_eq!(params[0].1.tensor("exp_avg").expect("a tensor").dims(), [2, 3]);
}

#[test]
fn a_parameter_that_was_never_stepped_has_no_state() {
    let value = Value::dict([
        ("state", Value::dict([(0, Value::dict([("step", 1)]))])),
        ("param_groups", Value::list([Value::dict([("lr", Value::from(0.1)), ("params", Value::list([0, 1]))])])),
    ]);
    let optimizer = OptimizerState::from_value(&value).expect("a state");
    let empty: Vec<_> = optimizer.groups()[0].params().map(|(_, state)| state.is_empty()).collect();
    assert_eq!(empty, [false, true]);
    assert_eq!(Value::from(&optimizer), value);
}

#[test]
fn what_is_no_state_of_an_optimizer_is_told() {
    let state = |groups: Value| {
        Value::dict([("state", Value::dict([(0, Value::dict([("step", 1)]))])), ("param_groups", groups)])
    };
    let told = |value: &Value| OptimizerState::from_value(value).unwrap_err().to_string();
    assert!(told(&Value::from(1)).contains("a dict with `state` and a list `param_groups`"));
    let group = |ids: &[i64]| Value::dict([("params", Value::list(ids.iter().copied()))]);
    assert!(told(&state(Value::list([1]))).contains("group 0: it is no dict"));
    assert!(told(&state(Value::list([Value::dict([("lr", 1)])]))).contains("group 0: it has no list `params`"));
    assert!(
        told(&state(Value::list([group(&[0]), group(&[0])]))).contains("group 1: a parameter is in two groups, got: 0")
    );
    let names = Value::dict([("params", Value::list([0])), ("param_names", Value::list(["a", "b"]))]);
    assert!(told(&state(Value::list([names]))).contains("`param_names` does not name its parameters"));
    let weird = Value::dict([("params", Value::list([Value::None]))]);
    assert!(told(&state(Value::list([weird]))).contains("the id of a parameter is no number and no name, got: None"));
    let two = Value::dict([("a", state(Value::list([group(&[0])]))), ("b", state(Value::list([group(&[0])])))]);
    let mut bytes = Vec::new();
    two.write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
    let file = Checkpoint::from_bytes(bytes).expect("a checkpoint");
    let error = file.optimizer_state().unwrap_err().to_string();
    assert!(error.contains("more than one state") && error.contains("checkpoint.get(\"a\")?"), "{error}");
    assert!(file.get("b").expect("an entry").optimizer_state().is_ok());
}
