//! PyTorch's tests of `load_state_dict`, as they hold here; `docs/pytorch.md` has the table.

use model_runtime::prelude::*;

use super::fixture::{Net, expected, numbers, read, state, values};

fn refused(state: &StateDict, options: &LoadOptions) -> LoadReport {
    match Net::new().init(Cpu).unwrap().load_state_dict_with(state, Cpu, options) {
        Err(Error::Load(error)) => error.report().clone(),
        other => panic!("expected a load error, got: {other:?}"),
    }
}

fn extra(key: &str) -> StateDict {
    let one = Tensor::<Cpu>::ones(1, DType::F32, Cpu).unwrap();
    #[derive(Module, Debug)]
    struct One<D: Device> {
        one: Param<D>,
    }
    let key = key.to_owned();
    let one = One { one: Param::from_tensor(one) }.state_dict().unwrap();
    state("net.pt").merge(&one.rename(move |_| key.clone()).unwrap()).unwrap()
}

#[test]
fn a_layer_under_two_names_and_a_module_that_is_none_load() {
    let net = Net::new().load_state_dict(&state("net.pt"), Cpu).unwrap();
    assert_eq!(values(&net.linear2.weight), read(&state("net.pt"), "linear1.weight"));
    assert_eq!(net.linear1.weight.id(), net.linear2.weight.id());
    assert!(net.empty.is_none());
}

#[test]
fn a_file_of_data_parallel_loads_without_its_prefix() {
    let wrapped = state("net.pt").add_prefix("module.").unwrap();
    let options = LoadOptions::new().strip_prefix("module.");
    let (net, _) = Net::new().load_state_dict_with(&wrapped, Cpu, &options).unwrap();
    assert_eq!(net.bn.num_batches_tracked.as_ref().unwrap().to_scalar::<i64>().unwrap(), 0);
}

#[test]
fn an_extra_key_is_an_error_and_listed_when_not_strict() {
    for key in ["extra", "linear1.bad_suffix", "linear1.weight.bad_suffix", "extra.param"] {
        let file = extra(key);
        assert_eq!(refused(&file, &LoadOptions::new()).unexpected, [key]);
        let start = Net::new().init(Cpu).unwrap();
        let (_, report) = start.load_state_dict_with(&file, Cpu, &LoadOptions::new().strict(false)).unwrap();
        assert_eq!((report.unexpected.as_slice(), report.missing.len()), ([key.to_owned()].as_slice(), 0));
    }
}

#[test]
fn a_key_under_a_module_that_is_none_is_an_error() {
    // PyTorch takes it without a word: "empty" is a name that it knows, and nobody looks below it.
    assert_eq!(refused(&extra("empty.weight"), &LoadOptions::new()).unexpected, ["empty.weight"]);
}

#[test]
fn missing_and_extra_keys_are_told_together() {
    let file = extra("extra").filter(|key| key != "bn.bias");
    let report = refused(&file, &LoadOptions::new());
    assert_eq!(
        (report.missing[0].key.as_str(), report.unexpected.as_slice()),
        ("bn.bias", ["extra".to_owned()].as_slice())
    );
}

#[test]
fn a_wrong_size_is_an_error_also_when_not_strict_and_changes_nothing() {
    let file = extra("bn.wide").filter(|key| key != "bn.weight").rename(|key| key.replace("wide", "weight")).unwrap();
    for options in [LoadOptions::new(), LoadOptions::new().strict(false)] {
        let start = Net::new().init_seeded(Cpu, 1).unwrap();
        let before = values(&start.linear1.weight);
        let error = start.load_state_dict_with(&file, Cpu, &options).unwrap_err().to_string();
        assert!(error.contains("bn.weight, expected: [2], got: [1]"), "{error}");
        assert_eq!(values(&start.linear1.weight), before);
    }
}

#[test]
fn a_partial_load_that_is_not_strict_leaves_the_rest_as_it_was() {
    let start = Net::new().init_seeded(Cpu, 1).unwrap();
    let file = state("net.pt").filter(|key| key.starts_with("linear"));
    let (net, _) = start.load_state_dict_with(&file, Cpu, &LoadOptions::new().strict(false)).unwrap();
    assert_eq!(values(&net.linear1.weight), read(&file, "linear1.weight"));
    assert_eq!(values(&net.block.conv.weight), values(&start.block.conv.weight));
}

#[test]
fn a_batch_norm_of_version_1_or_none_gets_a_count_of_zero() {
    for name in ["batch_norm_version_1.pt", "batch_norm_no_version.pt"] {
        let norm = BatchNorm2d::new(2).load_state_dict(&state(name), Cpu).unwrap();
        assert_eq!(norm.num_batches_tracked.as_ref().unwrap().to_scalar::<i64>().unwrap(), 0, "{name}");
    }
    assert_eq!(state("batch_norm_version_1.pt").version(""), Some(1));
    assert_eq!(state("batch_norm_no_version.pt").version(""), None);
}

#[test]
fn an_older_name_of_a_child_is_looked_for_below_the_child_only() {
    #[derive(Module, Debug)]
    struct Child<D: Device> {
        #[module(alias = "old")]
        weight: Param<D>,
    }
    #[derive(Module, Debug)]
    struct Parent<D: Device> {
        old: Param<D>,
        child: Child<D>,
    }
    let parent = |name: &'static str| {
        let net = Parent { old: Param::new(1, init::ONE), child: Child { weight: Param::new(2, init::ONE) } };
        let state = net.init(Cpu).unwrap().state_dict().unwrap();
        (net, state.rename(move |key| key.replace("child.weight", name)).unwrap())
    };
    let (net, file) = parent("child.old");
    let (_, report) = net.load_state_dict_with(&file, Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(report.aliased, [("child.weight".to_owned(), "child.old".to_owned())]);
    let (net, file) = parent("weight");
    assert!(net.load_state_dict(&file, Cpu).is_err());
}

/// What the model holds is one less than what its file does.
mod plus_one {
    use model_runtime::Result;
    use model_runtime::with::{Signature, Tensors};

    pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
        Ok(field.to_vec())
    }

    pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
        file.iter().map(|(name, tensor)| Ok((name.clone(), (tensor - 1.0)?))).collect()
    }

    pub fn save(field: &Tensors) -> Result<Tensors> {
        field.iter().map(|(name, tensor)| Ok((name.clone(), (tensor + 1.0)?))).collect()
    }
}

#[test]
fn a_module_can_save_its_parameter_in_another_form_beside_its_children() {
    #[derive(Module, Debug)]
    struct PlusOne<D: Device> {
        #[module(rename = "serialized", with = plus_one)]
        param: Param<D>,
        sub: Linear<D>,
    }
    let net = PlusOne { param: Param::new(2, init::ZERO), sub: Linear::new(2, 1) };
    let net = net.load_state_dict(&state("plus_one.pt"), Cpu).unwrap();
    assert_eq!(values(&net.param), [1.0, 2.0]);
    let saved = net.state_dict().unwrap();
    assert_eq!(saved.keys().collect::<Vec<_>>(), ["serialized", "sub.weight", "sub.bias"]);
    assert_eq!(read(&saved, "serialized"), [2.0, 3.0]);
    assert_eq!(read(&saved, "sub.weight"), read(&state("plus_one.pt"), "sub.weight"));
}

#[test]
fn a_declared_model_takes_the_files_dtypes_if_asked_and_keeps_its_order_and_what_is_frozen() {
    #[derive(Module, Debug)]
    struct Frozen<D: Device> {
        #[module(frozen)]
        weight: Param<D>,
        bias: Param<D>,
    }
    let frozen = || Frozen { weight: Param::new((2, 3), init::ZERO), bias: Param::new(2, init::ZERO) };
    let file = frozen().init(Cpu).unwrap().to_dtype(DType::F64).unwrap().state_dict().unwrap();
    let (mut net, _) = frozen().load_state_dict_with(&file, Cpu, &LoadOptions::new().keep_dtype()).unwrap();
    assert_eq!(net.weight.dtype(), DType::F64);
    assert_eq!(net.state_dict().unwrap().keys().collect::<Vec<_>>(), ["weight", "bias"]);
    net.requires_grad(true).unwrap();
    let trained: Vec<_> = net.named_parameters().iter().map(|(_, leaf)| leaf.requires_grad()).collect();
    assert_eq!(trained, [false, true]);

    // A later load of the same file without the option is as if the first had not been.
    let net = frozen().load_state_dict(&file, Cpu).unwrap();
    assert_eq!(net.weight.dtype(), DType::F32);
}

#[test]
fn a_file_may_have_other_strides_and_not_another_shape() {
    let strided = Checkpoint::open(super::fixture::path("strided.pt")).unwrap();
    let weight = strided.root().get("weight").and_then(|value| value.as_tensor().cloned()).unwrap();
    assert_eq!((weight.shape(), weight.strides()), ([2, 3].as_slice(), [1, 2].as_slice()));
    let state = strided.state_dict().unwrap();
    let net = Linear::new(3, 2).load_state_dict(&state, Cpu).unwrap();
    assert_eq!(values(&net.weight), numbers(&expected("strided")));
    assert!(net.weight.is_contiguous());
    let error = Linear::new(2, 3).load_state_dict(&state, Cpu).unwrap_err().to_string();
    assert!(error.contains("weight, expected: [3, 2], got: [2, 3]"), "{error}");
}

#[test]
fn a_model_with_nothing_to_save_loads_an_empty_state_dict() {
    #[derive(Module, Debug)]
    struct Mask<D: Device> {
        #[module(persistent = false)]
        mask: Buffer<D>,
    }
    let mask = || Mask { mask: Buffer::new(2, init::ONE) };
    assert_eq!(values(&mask().load_state_dict(&StateDict::default(), Cpu).unwrap().mask), [1.0, 1.0]);
    assert!(mask().init(Cpu).unwrap().state_dict().unwrap().is_empty());
}

#[test]
fn extra_state_is_a_buffer_if_it_is_a_tensor_and_else_left_out_and_read_as_a_value() {
    #[derive(Module, Debug)]
    struct Counter<D: Device> {
        weight: Param<D>,
        #[module(rename = "_extra_state")]
        steps: Buffer<D>,
    }
    let steps = Buffer::new((), init::ZERO).dtype(DType::I64);
    let net = vec![Counter { weight: Param::new(2, init::ZERO), steps }];
    let net = net.load_state_dict(&state("extra_state_tensor.pt"), Cpu).unwrap();
    assert_eq!(net[0].steps.to_scalar::<i64>().unwrap(), 7);
    assert_eq!(net.state_dict().unwrap().keys().collect::<Vec<_>>(), ["0.weight", "0._extra_state"]);

    #[derive(Module, Debug)]
    struct Plain<D: Device> {
        weight: Param<D>,
    }
    let plain = vec![Plain { weight: Param::new(2, init::ZERO) }];
    let file = state("extra_state_dict.pt");
    let error = plain.load_state_dict(&file, Cpu).unwrap_err().to_string();
    assert!(error.contains("Unexpected key(s) in state_dict:\n    \"0._extra_state\""), "{error}");
    let options = LoadOptions::new().except("*._extra_state");
    assert!(plain.load_state_dict_with(&file, Cpu, &options).is_ok());
    let root = Checkpoint::open(super::fixture::path("extra_state_dict.pt")).unwrap();
    let step = root.root().get("0._extra_state").and_then(|extra| extra.get("step").cloned()).unwrap();
    assert_eq!(step.to_string(), "7");
    // It is saved again with the tensors, under the names that they are given.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("extra_state_dict.pt");
    file.save(&path).unwrap();
    let original = std::fs::read(super::fixture::path("extra_state_dict.pt")).unwrap();
    assert!(std::fs::read(&path).unwrap() == original, "byte for byte what PyTorch wrote");
    file.add_prefix("net").unwrap().save(&path).unwrap();
    let renamed = Checkpoint::open(&path).unwrap();
    assert_eq!(renamed.root().get("net.0._extra_state"), root.root().get("0._extra_state"));
    file.filter(|key| key != "0._extra_state").save(&path).unwrap();
    assert_eq!(Checkpoint::open(&path).unwrap().root().get("0._extra_state"), None);
    // A module that expects extra state which the file lacks.
    let less = state("extra_state_tensor.pt").filter(|key| !key.ends_with("_extra_state"));
    let error = net.load_state_dict(&less, Cpu).unwrap_err().to_string();
    assert!(error.contains("Missing key(s) in state_dict:\n    \"0._extra_state\" []"), "{error}");
}
