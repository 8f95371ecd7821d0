//! The models in `fixtures/shapes`: what PyTorch saved, and what it computed.

use std::path::PathBuf;

use model_runtime::prelude::*;
use serde::Deserialize;

/// A model that PyTorch saved.
pub struct Saved {
    pub state: StateDict,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    keys: Vec<String>,
    output: Vec<Vec<f32>>,
}

impl Saved {
    pub fn open(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/shapes");
        let json = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let mut expected: std::collections::HashMap<String, Expected> = serde_json::from_str(&json).unwrap();
        let state = Checkpoint::open(folder.join(name).with_extension("pt")).unwrap().state_dict().unwrap();
        Self { state, expected: expected.remove(name).unwrap() }
    }

    /// Loads the model, and checks that its keys and what it computes are PyTorch's.
    pub fn check<M>(&self, declared: &M) -> M::On<Cpu>
    where
        M: Module,
        M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
    {
        let loaded = declared.load_state_dict(&self.state, Cpu).unwrap();
        assert_eq!(keys(&loaded), self.expected.keys);
        let input = (0..8).map(|i| i as f32 / 4.0 - 1.0).collect();
        let input = Tensor::from_vec(input, (2, 4), Cpu).unwrap();
        let output = loaded.forward(&input).unwrap().to_vec2::<f32>().unwrap();
        for (got, expected) in output.iter().flatten().zip(self.expected.output.iter().flatten()) {
            assert!((got - expected).abs() < 1e-5, "{output:?} is not {:?}", self.expected.output);
        }
        assert_eq!(output.len(), self.expected.output.len());
        loaded
    }
}

/// The keys of the model's state dict.
pub fn keys<M: Module>(module: &M) -> Vec<String> {
    module.state_dict().unwrap().keys().map(ToString::to_string).collect()
}

/// A layer with one parameter.
pub fn layer() -> Linear<Meta> {
    Linear::new(1, 1).bias(false)
}
