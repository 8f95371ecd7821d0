//! `load_state_dict`: every key of the file and every field of the struct is accounted for.

use candle_core::{DType, Device as CandleDevice};
use model_runtime::prelude::*;

#[derive(Module, Clone, Debug)]
struct Net<D: Device> {
    fc1: Linear<D>,
    norm: BatchNorm2d<D>,
    fc2: Linear<D>,
}

impl Net<Meta> {
    fn new() -> Self {
        Self { fc1: Linear::new(4, 3), norm: BatchNorm2d::new(3), fc2: Linear::new(3, 2) }
    }
}

fn state() -> StateDict {
    Net::new().init_seeded(Cpu, 7).unwrap().state_dict().unwrap()
}

fn report_of(result: Result<Net<Cpu>>) -> LoadReport {
    match result.unwrap_err() {
        Error::Load(error) => error.report().clone(),
        other => panic!("expected a load error, got: {other}"),
    }
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn a_complete_state_dict_loads_with_its_values() {
    let init = Net::new().init_seeded(Cpu, 7).unwrap();
    let net = Net::new().load_state_dict(&init.state_dict().unwrap(), Cpu).unwrap();
    assert_eq!(values(&net.fc1.weight), values(&init.fc1.weight));
    assert_eq!(values(net.norm.running_var.as_ref().unwrap()), [1.0, 1.0, 1.0]);
}

#[test]
fn a_loaded_model_shares_no_memory_with_the_model_it_came_from() {
    let init = Net::new().init_seeded(Cpu, 7).unwrap();
    let net = Net::new().load_state_dict(&init.state_dict().unwrap(), Cpu).unwrap();
    let before = values(&net.fc1.weight);
    for var in init.parameters().unwrap().iter() {
        var.set(&var.zeros_like().unwrap()).unwrap();
    }
    assert_eq!(values(&init.fc1.weight), [0.0; 12]);
    assert_eq!(values(&net.fc1.weight), before);
}

#[test]
fn all_problems_are_reported_at_once() {
    let state = state().rename(|key| if key == "fc1.bias" { "fc1.bais".into() } else { key.into() }).unwrap();
    #[derive(Module, Debug)]
    struct Other<D: Device> {
        fc1: Linear<D>,
        norm: BatchNorm2d<D>,
        fc2: Linear<D>,
        head: Linear<D>,
    }
    let other = Other {
        fc1: Linear::new(4, 3),
        norm: BatchNorm2d::new(3),
        fc2: Linear::new(3, 5),
        head: Linear::new(2, 2).bias(false),
    };
    let Err(Error::Load(error)) = other.load_state_dict(&state, Cpu) else { panic!("expected a load error") };
    let text = error.to_string();
    for expected in [
        "error(s) in loading state_dict for Other: 6 of the model's 10 keys match, 1 of the state dict's are not used",
        "\"fc1.bias\" [3], did you mean \"fc1.bais\"?",
        "\"head.weight\" [2, 2]",
        "Unexpected key(s) in state_dict:\n    \"fc1.bais\"",
        "fc2.weight, expected: [5, 3], got: [2, 3]",
        "fc2.bias, expected: [5], got: [2]",
    ] {
        assert!(text.contains(expected), "{expected}\nis not in\n{text}");
    }
}

#[test]
fn one_rule_that_explains_all_is_one_line() {
    let wrapped = state().add_prefix("module.").unwrap();
    let report = report_of(Net::new().load_state_dict(&wrapped, Cpu));
    assert_eq!(report.loaded, 0);
    let hint = report.hint.unwrap();
    assert!(hint.starts_with("every key starts with `module.`"), "{hint}");
    assert!(hint.ends_with(": load with `LoadOptions::new().strip_prefix(\"module.\")`"), "{hint}");
    let options = LoadOptions::new().strip_prefix("module.");
    assert!(Net::new().load_state_dict_with(&wrapped, Cpu, &options).is_ok());
}

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
fn not_strict_does_not_overlook_a_wrong_shape() {
    #[derive(Module, Debug)]
    struct Narrow<D: Device> {
        fc1: Linear<D>,
    }
    let narrow = Narrow { fc1: Linear::new(4, 2) }.init(Cpu).unwrap();
    let options = LoadOptions::new().strict(false);
    let Err(error) = narrow.load_state_dict_with(&state(), Cpu, &options) else { panic!("the shapes differ") };
    assert!(error.to_string().contains("fc1.weight, expected: [2, 4], got: [3, 4]"), "{error}");
}

#[test]
fn floats_become_the_declared_dtype_and_the_report_says_so() {
    let halves = Net::new().init(Cpu).unwrap().to_dtype(DType::F16).unwrap().state_dict().unwrap();
    let (net, report) = Net::new().load_state_dict_with(&halves, Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(net.fc1.weight.dtype(), DType::F32);
    assert_eq!(report.converted.len(), 8);
    assert!(report.to_string().contains("fc1.weight: float16 to f32"), "{report}");

    let (kept, report) = Net::new().load_state_dict_with(&halves, Cpu, &LoadOptions::new().keep_dtype()).unwrap();
    assert_eq!(kept.fc1.weight.dtype(), DType::F16);
    assert!(report.converted.is_empty());
}

#[test]
fn integers_are_never_made_of_floats() {
    #[derive(Module, Debug)]
    struct Table<D: Device> {
        ids: Buffer<D>,
    }
    let floats = Table { ids: Buffer::new(2, init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let declared = Table { ids: Buffer::new(2, init::ONE).dtype(DType::I64) };
    let error = declared.load_state_dict(&floats, Cpu).unwrap_err();
    assert!(error.to_string().contains("ids, expected: i64, got: float32"), "{error}");
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
fn a_scalar_takes_a_tensor_of_one_element_as_old_files_have_it() {
    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        scale: Param<D>,
    }
    let one = Scale { scale: Param::new(1, init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let net = Scale { scale: Param::new((), init::ZERO) }.load_state_dict(&one, Cpu).unwrap();
    assert_eq!(net.scale.to_scalar::<f32>().unwrap(), 1.0);

    let scalar = Scale { scale: Param::new((), init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let error = Scale { scale: Param::new(1, init::ZERO) }.load_state_dict(&scalar, Cpu).unwrap_err().to_string();
    assert!(error.contains("scale, expected: [1], got: []"), "{error}");
}

#[test]
fn a_wrong_declaration_is_reported_with_its_key() {
    let conv = Conv2d::new(3, 8, 3).groups(2);
    let error = conv.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.contains("weight: in_channels must be divisible by groups"), "{error}");
    let error = conv.init(Cpu).unwrap_err().to_string();
    assert!(error.contains("weight: in_channels must be divisible by groups"), "{error}");
}

#[test]
fn loading_onto_meta_checks_and_reads_nothing() {
    let net: Net<Meta> = Net::new().load_state_dict(&state(), Meta).unwrap();
    assert_eq!(net.fc1.weight.dims(), [3, 4]);
    let error = Net::new().load_state_dict(&state().add_prefix("x.").unwrap(), Meta).unwrap_err().to_string();
    assert!(error.contains("`LoadOptions::new().strip_prefix(\"x.\")`"), "{error}");
    let partial = state().filter(|key| key.starts_with("fc1"));
    assert!(Net::new().load_state_dict_with(&partial, Meta, &LoadOptions::new().strict(false)).is_ok());
}

#[test]
fn a_rename_that_makes_two_keys_one_is_refused() {
    let error = state().rename(|_| "same".into()).unwrap_err();
    assert!(error.to_string().contains("another key is renamed to `same` too"), "{error}");
}

#[test]
fn a_candle_tensor_on_the_right_device_is_let_in() {
    let tensor = candle_core::Tensor::zeros(2, DType::F32, &CandleDevice::Cpu).unwrap();
    assert_eq!(Tensor::<Cpu>::try_from_candle(tensor).unwrap().dims(), [2]);
}

#[test]
fn a_load_that_matches_nothing_is_an_error_also_when_not_strict() {
    let other = state().add_prefix("other.").unwrap();
    let start = Net::new().init(Cpu).unwrap();
    let Err(error) = start.load_state_dict_with(&other, Cpu, &LoadOptions::new().strict(false)) else {
        panic!("nothing matches")
    };
    assert!(error.to_string().contains("0 of the model's 9 keys match"), "{error}");
}

#[test]
fn a_dtype_for_all_floats_reaches_buffers_that_are_not_saved() {
    #[derive(Module, Debug)]
    struct Rotary<D: Device> {
        weight: Param<D>,
        #[module(persistent = false)]
        inv_freq: Buffer<D>,
        #[module(persistent = false)]
        ids: Buffer<D>,
    }
    let rotary = || Rotary {
        weight: Param::new(2, init::ONE),
        inv_freq: Buffer::computed(2, || Tensor::from_vec(vec![1f32, 0.5], 2, Cpu)),
        ids: Buffer::new(2, init::ZERO).dtype(DType::I64),
    };
    let state = rotary().init(Cpu).unwrap().state_dict().unwrap();
    let (net, _) = rotary().load_state_dict_with(&state, Cpu, &LoadOptions::new().dtype(DType::F16)).unwrap();
    assert_eq!((net.weight.dtype(), net.inv_freq.dtype(), net.ids.dtype()), (DType::F16, DType::F16, DType::I64));

    let Err(error) = rotary().load_state_dict_with(&state, Cpu, &LoadOptions::new().dtype(DType::U8)) else {
        panic!("u8 is no dtype for a model")
    };
    assert!(error.to_string().contains("expected: f32, f16, bf16 or f64, got: u8"), "{error}");
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
fn a_strided_buffer_is_not_overwritten_quietly() {
    let x = Tensor::ones((2, 3), DType::F32, Cpu).unwrap();
    let buffer = Buffer::from_tensor(x.t().unwrap());
    let error = buffer.set(&Tensor::zeros((3, 2), DType::F32, Cpu).unwrap()).unwrap_err().to_string();
    assert!(error.contains("strided view"), "{error}");
}

#[test]
fn saving_says_what_is_wrong_with_the_destination() {
    let folder = tempfile::tempdir().unwrap();
    let message = |name: &str| state().save(folder.path().join(name)).unwrap_err().to_string();
    assert!(message("missing/net.safetensors").contains("missing`, create it first"));
    assert!(message("missing/net.pt").contains("missing`, create it first"));
    assert!(message("net").contains("expected: the extension `.safetensors`"));
    std::fs::create_dir(folder.path().join("dir.safetensors")).unwrap();
    assert!(message("dir.safetensors").contains("there is a folder of this name"));
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
