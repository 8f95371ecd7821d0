//! The attributes that say how a field is loaded, tied, trained and converted, against files of PyTorch.

use model_runtime::candle_core;
use model_runtime::prelude::*;

mod alias;
mod default;
mod frozen;
mod gpt;
mod refused;
mod tied;
mod with;

fn fixture(name: &str) -> String {
    format!("{}/fixtures/attributes/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn state(name: &str) -> StateDict {
    Checkpoint::open(fixture(name)).unwrap().state_dict().unwrap()
}

/// The input and the output of the PyTorch module `name`.
fn input_and_output(name: &str) -> (Tensor<Cpu>, Tensor<Cpu>) {
    let state = state(&format!("{name}.out.safetensors"));
    let read = |key| state.get(key).unwrap().read().unwrap();
    (read("x"), read("y"))
}

fn values(tensor: &candle_core::Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[track_caller]
fn assert_close(got: &Tensor<Cpu>, expected: &Tensor<Cpu>) {
    assert_eq!(got.dims(), expected.dims());
    for (got, expected) in values(got.as_candle()).iter().zip(values(expected.as_candle())) {
        assert!((got - expected).abs() < 1e-5, "expected: {expected}, got: {got}");
    }
}

/// Whether two state dicts have the same keys, shapes, dtypes and values, in whatever order.
#[track_caller]
fn assert_same(got: &StateDict, expected: &StateDict, tolerance: f32) {
    let sorted = |state: &StateDict| {
        let mut keys: Vec<_> = state.keys().map(str::to_owned).collect();
        keys.sort();
        keys
    };
    assert_eq!(sorted(got), sorted(expected));
    for (key, expected) in expected.iter() {
        let got = got.get(key).unwrap();
        assert_eq!((got.shape(), got.dtype()), (expected.shape(), expected.dtype()), "{key}");
        let pairs =
            values(got.read().unwrap().as_candle()).into_iter().zip(values(expected.read().unwrap().as_candle()));
        for (got, expected) in pairs {
            assert!((got - expected).abs() <= tolerance, "{key}, expected: {expected}, got: {got}");
        }
    }
}

#[track_caller]
fn load_error<M: Module>(model: &M, state: &StateDict) -> String {
    match model.load_state_dict(state, Cpu) {
        Ok(_) => panic!("the load should fail"),
        Err(error) => error.to_string(),
    }
}
