//! What the file does not hold: values that the model has, or that its declaration says.

use candle_core::DType;
use model_runtime::prelude::*;

use super::{Net, report_of, state, values};

#[test]
fn not_strict_keeps_the_values_that_the_model_has() {
    let partial = state().filter(|key| !key.starts_with("fc2"));
    let options = LoadOptions::new().strict(false);

    let Err(error) = Net::new().load_state_dict_with(&partial, Cpu, &options) else { panic!("nothing to keep") };
    assert!(error.to_string().contains("call `init(device)` on it before"), "{error}");

    let start = Net::new().init_seeded(Cpu, 1).unwrap();
    let (net, report) = start.load_state_dict_with(&partial, Cpu, &options).unwrap();
    assert_eq!(values(&net.fc2.weight), values(&start.fc2.weight));
    assert_ne!(values(&net.fc1.weight), values(&start.fc1.weight));
    assert_eq!(
        report.missing.iter().map(|missing| missing.key.as_str()).collect::<Vec<_>>(),
        ["fc2.weight", "fc2.bias"]
    );
}

#[test]
fn num_batches_tracked_may_be_missing_only_in_files_without_it() {
    // Without `_metadata`, or with version 1, PyTorch fills it in; with version 2 it is an error.
    let new = state().filter(|key| !key.ends_with("num_batches_tracked"));
    let report = report_of(Net::new().load_state_dict(&new, Cpu));
    assert_eq!(report.missing[0].key, "norm.num_batches_tracked");

    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("old.safetensors");
    new.save(&path).unwrap();
    let old = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    let (net, report) = Net::new().load_state_dict_with(&old, Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(net.norm.num_batches_tracked.as_ref().unwrap().to_scalar::<i64>().unwrap(), 0);
    assert_eq!(report.initial, ["norm.num_batches_tracked"]);
}

#[test]
fn computed_values_must_have_the_declared_shape() {
    let buffer = Buffer::computed((2, 3), || Tensor::zeros((3, 2), DType::F32, Cpu));
    #[derive(Module, Debug)]
    struct Table<D: Device> {
        table: Buffer<D>,
    }
    let error = Table { table: buffer }.init(Cpu).unwrap_err().to_string();
    assert!(error.contains("table: shape of the computed values, expected: [2, 3], got: [3, 2]"), "{error}");
}

#[test]
fn a_load_never_draws_random_values() {
    #[derive(Module, Debug)]
    struct Noise<D: Device> {
        #[module(persistent = false)]
        noise: Buffer<D>,
    }
    let noise = Noise { noise: Buffer::new(2, init::STANDARD_NORMAL) };
    let error = noise.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.contains("noise: not saved, and the declaration does not say its value"), "{error}");
}

#[test]
fn module_versions_follow_renamed_keys() {
    let renamed = state().rename(|key| key.replace("norm", "bn")).unwrap();
    assert_eq!(renamed.version("bn"), Some(2));
    assert_eq!(renamed.version("norm"), None);
}

#[test]
fn a_model_made_of_tensors_has_no_initial_values() {
    let param = Param::from_tensor(Tensor::ones(2, DType::F32, Cpu).unwrap());
    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        scale: Param<D>,
    }
    let error = Scale { scale: param }.init(Cpu).unwrap_err().to_string();
    assert!(error.contains("scale: made from a tensor"), "{error}");
}

#[test]
fn an_entry_of_a_later_version_keeps_the_value_that_the_model_has() {
    use model_runtime::module::Spec;

    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        scale: Param<D>,
    }
    let spec = || Spec::new(2, init::STANDARD_NORMAL).since_version(2);
    let start = Scale { scale: Param::declare(spec()) }.init_seeded(Cpu, 1).unwrap();
    let (net, report) = start.load_state_dict_with(&StateDict::default(), Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(values(&net.scale), values(&start.scale));
    assert_eq!(report.initial, ["scale"]);

    // A declared model has none, and a load does not draw one.
    let declared = Scale { scale: Param::declare(spec()) };
    let error = declared.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.contains("Missing key(s) in state_dict:\n    \"scale\" [2]"), "{error}");
}
