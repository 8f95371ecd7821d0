//! The files of `tests/fixtures/state_dict`, which torch saved.

use std::path::{Path, PathBuf};

use model_runtime::prelude::*;
use serde_json::Value as Json;

pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/state_dict").join(name)
}

pub fn state(name: &str) -> StateDict {
    Checkpoint::open(path(name)).unwrap().state_dict().unwrap()
}

/// What torch says of a model.
pub fn expected(name: &str) -> Json {
    let text = std::fs::read_to_string(path("expected.json")).unwrap();
    serde_json::from_str::<Json>(&text).unwrap()[name].clone()
}

/// All numbers in there, in order.
pub fn numbers(json: &Json) -> Vec<f32> {
    match json.as_array() {
        Some(items) => items.iter().flat_map(numbers).collect(),
        None => vec![json.as_f64().unwrap() as f32],
    }
}

pub fn strings(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

pub fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

pub fn read(state: &StateDict, key: &str) -> Vec<f32> {
    values(&state.get(key).unwrap().read().unwrap())
}

pub fn assert_close(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
    }
}

#[derive(Module, Debug)]
pub struct Block<D: Device> {
    pub conv: Conv2d<D>,
}

/// The model of PyTorch's `test_state_dict`: one layer under two names, and a module that is `None`.
#[derive(Module, Debug)]
pub struct Net<D: Device> {
    pub linear1: Linear<D>,
    #[module(tied = "linear1")]
    pub linear2: Linear<D>,
    pub bn: BatchNorm2d<D>,
    pub block: Block<D>,
    pub empty: Option<Linear<D>>,
}

impl Net<Meta> {
    pub fn new() -> Self {
        Self {
            linear1: Linear::new(5, 5),
            linear2: Linear::new(5, 5),
            bn: BatchNorm2d::new(2),
            block: Block { conv: Conv2d::new(3, 3, 3).bias(false) },
            empty: None,
        }
    }
}
