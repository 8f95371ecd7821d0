//! The steps of two optimizers, as PyTorch's documentation gives them, over plain numbers.

use std::collections::HashMap;

use model_runtime::prelude::*;
use model_runtime::state_dict::{OptimizerState, ParamGroup};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{floats, read};

/// The parameters of a model, and what an optimizer keeps for them.
pub struct Weights {
    pub values: HashMap<String, Vec<f32>>,
    pub kept: HashMap<(String, String), Vec<f32>>,
    pub steps: HashMap<String, f64>,
}

impl Weights {
    pub fn read(checkpoint: &Checkpoint, optimizer: &OptimizerState) -> Self {
        let (mut values, mut kept, mut steps) = (HashMap::new(), HashMap::new(), HashMap::new());
        let state = checkpoint.get("model_state_dict").expect("an entry").state_dict().expect("a state dict");
        for (key, entry) in state.iter() {
            let tensor = entry.read().and_then(|tensor| tensor.flatten_all()?.to_vec1::<f32>());
            values.insert(key.to_owned(), tensor.expect("floats"));
            let state = optimizer.get(key).expect("a parameter");
            steps.insert(key.to_owned(), state.step().expect("a step").unwrap_or_default());
            for name in state.names().filter(|name| *name != "step") {
                kept.insert((key.to_owned(), name.to_owned()), read(state, name));
            }
        }
        Self { values, kept, steps }
    }

    fn kept(&mut self, parameter: &str, name: &str) -> &mut Vec<f32> {
        self.kept.get_mut(&(parameter.to_owned(), name.to_owned())).expect("what is kept")
    }
}

/// <https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html>
#[derive(Deserialize)]
pub struct AdamW {
    lr: f64,
    betas: (f64, f64),
    eps: f64,
    weight_decay: f64,
    #[serde(default)]
    pub maximize: bool,
}

impl AdamW {
    pub fn step(weights: &mut Weights, group: &ParamGroup, gradients: &Json) {
        let Self { lr, betas: (beta1, beta2), eps, weight_decay, maximize } = group.options().expect("the options");
        assert!(!maximize);
        for name in group.names() {
            let step = weights.steps.get_mut(name).expect("a step");
            *step += 1.0;
            let (first, second) = (1.0 - beta1.powf(*step), 1.0 - beta2.powf(*step));
            for (at, gradient) in floats(&gradients[name]).into_iter().enumerate() {
                let gradient = f64::from(gradient);
                let mean = &mut weights.kept(name, "exp_avg")[at];
                *mean = (beta1 * f64::from(*mean) + (1.0 - beta1) * gradient) as f32;
                let mean = f64::from(*mean);
                let square = &mut weights.kept(name, "exp_avg_sq")[at];
                *square = (beta2 * f64::from(*square) + (1.0 - beta2) * gradient * gradient) as f32;
                let denominator = (f64::from(*square) / second).sqrt() + eps;
                let value = &mut weights.values.get_mut(name).expect("a parameter")[at];
                *value = (f64::from(*value) * (1.0 - lr * weight_decay) - lr / first * mean / denominator) as f32;
            }
        }
    }
}

/// <https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html>
#[derive(Deserialize)]
pub struct Sgd {
    lr: f64,
    momentum: f64,
    weight_decay: f64,
}

impl Sgd {
    pub fn step(weights: &mut Weights, group: &ParamGroup, gradients: &Json) {
        let Self { lr, momentum, weight_decay } = group.options().expect("the options");
        for name in group.names() {
            for (at, gradient) in floats(&gradients[name]).into_iter().enumerate() {
                let value = f64::from(weights.values[name][at]);
                let gradient = f64::from(gradient) + weight_decay * value;
                let buffer = &mut weights.kept(name, "momentum_buffer")[at];
                *buffer = (momentum * f64::from(*buffer) + gradient) as f32;
                let new = value - lr * f64::from(*buffer);
                weights.values.get_mut(name).expect("a parameter")[at] = new as f32;
            }
        }
    }
}
