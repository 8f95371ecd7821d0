//! PyTorch goes on with what Rust wrote, where Python with torch is found.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use model_runtime::checkpoint::{SaveOptions, Value};
use model_runtime::prelude::*;
use model_runtime::state_dict::{OptimizerState, ParamGroup, ParamState};

use super::steps::{AdamW, Weights};
use super::{expected, fixture, open};

fn tensor(values: &[f32], dims: &[usize]) -> Tensor<Cpu> {
    Tensor::from_vec(values.to_vec(), dims, Cpu).expect("a tensor")
}

/// Three steps in Rust after the three of the file, with an optimizer's state that is made from nothing but numbers.
fn continued() -> Value {
    let (checkpoint, expected) = (open("adamw.pt"), expected());
    let optimizer = checkpoint.optimizer_state().expect("a state");
    let mut weights = Weights::read(&checkpoint, &optimizer);
    for gradient in &expected["gradients"].as_array().expect("gradients")[3..] {
        AdamW::step(&mut weights, &optimizer.groups()[0], gradient);
    }
    let mut group = ParamGroup::new([
        ("lr", Value::from(0.01)),
        ("betas", Value::tuple([0.9, 0.999])),
        ("eps", 1e-8.into()),
        ("weight_decay", 0.1.into()),
    ]);
    let (mut model, shapes) = (Vec::new(), [("weight", &[2, 3][..]), ("bias", &[2][..])]);
    for (name, dims) in shapes {
        let mut state = ParamState::new();
        state.set_step(6.0).expect("a step");
        for kept in ["exp_avg", "exp_avg_sq"] {
            state.set(kept, &tensor(&weights.kept[&(name.to_owned(), kept.to_owned())], dims));
        }
        group.push(name, state);
        model.push((name, Value::from(&tensor(&weights.values[name], dims))));
    }
    let optimizer = OptimizerState::new([group]);
    Value::dict([("model_state_dict", Value::ordered_dict(model)), ("optimizer_state_dict", Value::from(&optimizer))])
}

#[test]
fn pytorch_goes_on_with_what_is_written() {
    let python = std::env::var("TORCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let python = python.split(':').next().unwrap_or_default();
    let has_torch = Command::new(python).args(["-c", "import torch"]).output();
    if !has_torch.is_ok_and(|output| output.status.success()) {
        // Not through the test harness, which hides what a passing test prints.
        writeln!(io::stderr(), "SKIPPED: no Python with torch (`TORCH_PYTHON` names one)").expect("an open stderr");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| fs::File::create(folder.path().join(name)).expect("a file");
    continued().write_torch(file("continued.pt"), &SaveOptions::new()).expect("a file");
    for name in ["adamw.pt", "sgd.pt", "older.pt"] {
        let optimizer = open(name).optimizer_state().expect("a state");
        Value::from(&optimizer).write_torch(file(name), &SaveOptions::new()).expect("a file");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/optimizer_reads.py");
    let output = Command::new(python).args([&script, folder.path(), &fixture("")]).output().expect("Python runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
}
