//! `to`, `clone`, ties, variables and modes: what stays true when a model moves or changes.

use candle_core::DType;
use model_runtime::prelude::*;

model_runtime::device_slot!(Elsewhere);

#[derive(Module, Clone, Debug)]
struct Tied<D: Device> {
    embed: Embedding<D>,
    head: Linear<D>,
    #[module(persistent = false)]
    mask: Buffer<D>,
    dropout: Dropout,
}

impl Tied<Meta> {
    fn new() -> Self {
        let embed = Embedding::new(5, 3);
        let mut head = Linear::new(3, 5).bias(false);
        head.weight = embed.weight.clone();
        Self { embed, head, mask: Buffer::new(3, init::ONE), dropout: Dropout::new(0.5) }
    }
}

fn same_tensor(a: &Param<impl Compute>, b: &Param<impl Compute>) -> bool {
    a.as_candle().id() == b.as_candle().id()
}

#[test]
fn ties_survive_init_load_to_and_conversion() {
    let net = Tied::new().init_seeded(Cpu, 0).unwrap();
    assert!(same_tensor(&net.embed.weight, &net.head.weight));
    assert_eq!(net.num_parameters(), 15);

    let loaded = Tied::new().load_state_dict(&net.state_dict().unwrap(), Cpu).unwrap();
    assert!(same_tensor(&loaded.embed.weight, &loaded.head.weight));

    Elsewhere::select("cpu").unwrap();
    let moved = net.to(Elsewhere).unwrap();
    assert!(same_tensor(&moved.embed.weight, &moved.head.weight));
    let halves = moved.to_dtype(DType::F16).unwrap();
    assert!(same_tensor(&halves.embed.weight, &halves.head.weight));
    assert_eq!(halves.head.weight.dtype(), DType::F16);
}

#[test]
fn a_tied_key_that_the_file_lacks_is_found_under_its_other_name() {
    let state = Tied::new().init_seeded(Cpu, 0).unwrap().state_dict().unwrap();
    for gone in ["embed.weight", "head.weight"] {
        let (net, report) =
            Tied::new().load_state_dict_with(&state.filter(|key| key != gone), Cpu, &LoadOptions::new()).unwrap();
        assert!(same_tensor(&net.embed.weight, &net.head.weight));
        assert_eq!(report.tied.len(), 1);
    }
}

#[test]
fn different_data_for_tied_keys_is_an_error() {
    #[derive(Module, Debug)]
    struct Apart<D: Device> {
        embed: Embedding<D>,
        head: Linear<D>,
    }
    let apart = Apart { embed: Embedding::new(5, 3), head: Linear::new(3, 5).bias(false) };
    let state = apart.init_seeded(Cpu, 0).unwrap().state_dict().unwrap();
    let error = Tied::new().load_state_dict(&state, Cpu).unwrap_err().to_string();
    assert!(error.contains("head.weight: tied to `embed.weight` in the model"), "{error}");
}

#[test]
fn a_buffer_that_is_not_saved_moves_and_is_no_key() {
    let net = Tied::new().init(Cpu).unwrap();
    assert_eq!(net.state_dict().unwrap().keys().collect::<Vec<_>>(), ["embed.weight", "head.weight"]);
    assert_eq!(net.named_buffers()[0].0, "mask");
    let loaded = Tied::new().load_state_dict(&net.state_dict().unwrap(), Cpu).unwrap();
    assert_eq!(loaded.mask.to_vec1::<f32>().unwrap(), [1.0; 3]);

    let with_mask =
        net.state_dict().unwrap().rename(|key| if key == "head.weight" { "mask".into() } else { key.into() });
    let error = Tied::new().load_state_dict(&with_mask.unwrap(), Cpu).unwrap_err().to_string();
    assert!(error.contains("Unexpected key(s) in state_dict:\n    \"mask\""), "{error}");
}

#[test]
fn variables_stay_variables_and_the_mode_stays() {
    Elsewhere::select("cpu").unwrap();
    let net = Tied::new().init(Cpu).unwrap();
    assert!(net.dropout.mode.is_training());
    assert_eq!(net.parameters().unwrap().len(), 1);
    net.eval();
    let moved = net.to(Elsewhere).unwrap();
    assert!(!moved.dropout.mode.is_training());
    assert_eq!(moved.parameters().unwrap().len(), 1);
    let halves = moved.to_dtype(DType::F64).unwrap();
    assert_eq!(halves.parameters().unwrap().len(), 1);
}

#[test]
fn a_loaded_model_is_in_evaluation_mode_and_not_trained() {
    let state = Tied::new().init(Cpu).unwrap().state_dict().unwrap();
    let net = Tied::new().load_state_dict(&state, Cpu).unwrap();
    assert!(!net.dropout.mode.is_training());
    let error = net.parameters().unwrap_err().to_string();
    assert!(error.contains("none of the 1 parameters is trained; call `net.requires_grad(true)?`"), "{error}");
    net.train();
    assert!(net.dropout.mode.is_training());
}

#[test]
fn a_tied_parameter_is_trained_or_frozen_under_all_its_names() {
    let state = Tied::new().init(Cpu).unwrap().state_dict().unwrap();
    let mut net = Tied::new().load_state_dict(&state, Cpu).unwrap();
    net.head.requires_grad(true).unwrap();
    assert!(net.embed.weight.leaf().requires_grad());
    assert!(same_tensor(&net.embed.weight, &net.head.weight));

    let vars = net.parameters().unwrap().to_vec();
    assert_eq!(vars.len(), 1);
    vars[0].set(&vars[0].ones_like().unwrap()).unwrap();
    assert_eq!(net.embed.weight.flatten_all().unwrap().to_vec1::<f32>().unwrap(), [1.0; 15]);

    net.embed.requires_grad(false).unwrap();
    assert!(!net.head.weight.leaf().requires_grad());
    assert_eq!(net.num_parameters(), 15);
    assert_eq!(net.head.weight.flatten_all().unwrap().to_vec1::<f32>().unwrap(), [1.0; 15]);
    // The variable is the one that an optimizer may still have.
    net.requires_grad(true).unwrap();
    assert_eq!(net.parameters().unwrap()[0].as_tensor().id(), vars[0].as_tensor().id());
}

#[test]
fn a_part_is_frozen_and_the_rest_is_trained() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        encoder: Linear<D>,
        head: Linear<D>,
    }
    let mut net = Net { encoder: Linear::new(2, 2), head: Linear::new(2, 2) }.init(Cpu).unwrap();
    net.encoder.requires_grad(false).unwrap();
    let trained: Vec<_> =
        net.named_parameters().into_iter().filter(|(_, leaf)| leaf.requires_grad()).map(|(key, _)| key).collect();
    assert_eq!(trained, ["head.weight", "head.bias"]);
    assert_eq!(net.parameters().unwrap().len(), 2);
}

#[test]
fn a_move_to_meta_keeps_ties_and_forgets_data() {
    let net = Tied::new().init(Cpu).unwrap().to(Meta).unwrap();
    assert_eq!(net.num_parameters(), 15);
    assert!(net.embed.weight.leaf().tensor().is_none());
}

#[test]
fn a_buffer_that_is_not_saved_may_be_tied_to_one_that_is() {
    #[derive(Module, Debug)]
    struct Twins<D: Device> {
        #[module(persistent = false)]
        view: Buffer<D>,
        mask: Buffer<D>,
    }
    let twins = || {
        let mask = Buffer::new(2, init::ZERO);
        Twins { view: mask.clone(), mask }
    };
    let saved = Twins { view: Buffer::new(2, init::ZERO), mask: Buffer::new(2, init::ONE) }.init(Cpu).unwrap();
    let net = twins().load_state_dict(&saved.state_dict().unwrap(), Cpu).unwrap();
    assert_eq!(net.view.to_vec1::<f32>().unwrap(), [1.0, 1.0]);

    // Also where only the twin that is not saved goes to a device that computes.
    #[derive(Module, Debug)]
    struct Apart<A: Device, B: Device> {
        mask: Buffer<A>,
        #[module(persistent = false)]
        view: Buffer<B>,
    }
    let mask = Buffer::new(2, init::ZERO);
    let apart = Apart { view: mask.clone(), mask };
    let apart = apart.load_state_dict(&saved.state_dict().unwrap(), (Meta, Cpu)).unwrap();
    assert_eq!(apart.view.to_vec1::<f32>().unwrap(), [1.0, 1.0]);
}

#[test]
fn computed_buffers_are_each_models_own() {
    #[derive(Module, Debug)]
    struct Table<D: Device> {
        table: Buffer<D>,
    }
    let table = Tensor::from_vec(vec![1f32, 2.0, 3.0, 4.0], (2, 2), Cpu).unwrap();
    let declared = Table { table: Buffer::computed((2, 2), move || table.t()) };
    let (a, b) = (declared.init(Cpu).unwrap(), declared.init(Cpu).unwrap());
    a.table.set(&Tensor::zeros((2, 2), DType::F32, Cpu).unwrap()).unwrap();
    assert_eq!(b.table.to_vec2::<f32>().unwrap(), [[1.0, 3.0], [2.0, 4.0]]);
}

#[test]
fn a_tie_across_devices_is_loaded_and_initialised_on_each() {
    #[derive(Module, Debug)]
    struct Split<A: Device, B: Device> {
        encoder: Embedding<A>,
        decoder: Linear<B>,
    }
    let split = || {
        let encoder = Embedding::new(5, 3);
        let mut decoder = Linear::new(3, 5).bias(false);
        decoder.weight = encoder.weight.clone();
        Split { encoder, decoder }
    };
    Elsewhere::select("cpu").unwrap();
    let both = split().init_seeded((Cpu, Elsewhere), 1).unwrap();
    let values = |tensor: &candle_core::Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(values(both.encoder.weight.as_candle()), values(both.decoder.weight.as_candle()));

    // The part on `Meta` reads nothing; the other finds its data under the tied name.
    let state = both.state_dict().unwrap().filter(|key| key == "encoder.weight");
    let half = split().load_state_dict(&state, (Meta, Cpu)).unwrap();
    assert_eq!(values(half.decoder.weight.as_candle()), values(both.encoder.weight.as_candle()));
}

#[test]
fn training_changes_the_model_through_its_variables() {
    let net = Linear::new(2, 1).init_seeded(Cpu, 3).unwrap();
    let x = Tensor::from_vec(vec![1f32, 2.0], (1, 2), Cpu).unwrap();
    let before = net.forward(&x).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
    let loss = net.forward(&x).unwrap().sqr().unwrap().sum_all().unwrap();
    let grads = loss.backward().unwrap();
    for var in net.parameters().unwrap().iter() {
        let step = (grads.get(var).unwrap() * 0.01).unwrap();
        var.set(&(var.as_tensor() - step).unwrap()).unwrap();
    }
    let after = net.forward(&x).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
    assert!(after.abs() < before.abs(), "{before} became {after}");
}

#[test]
fn to_dtype_converts_floats_only() {
    let norm = BatchNorm2d::new(2).init(Cpu).unwrap().to_dtype(DType::BF16).unwrap();
    assert_eq!(norm.running_mean.as_ref().unwrap().dtype(), DType::BF16);
    assert_eq!(norm.num_batches_tracked.as_ref().unwrap().dtype(), DType::I64);
    let error = Linear::new(2, 2).to_dtype(DType::U32).unwrap_err().to_string();
    assert!(error.contains("only converted to floating-point dtypes"), "{error}");
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let weight = |seed| {
        let net = Linear::new(8, 4).init_seeded(Cpu, seed).unwrap();
        net.weight.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    assert_eq!(weight(1), weight(1));
    assert_ne!(weight(1), weight(2));
}

#[test]
fn each_part_of_a_split_model_goes_to_its_own_device() {
    #[derive(Module, Debug)]
    struct Split<A: Device, B: Device> {
        decoder: Linear<B>,
        encoder: Linear<A>,
    }
    Elsewhere::select("cpu").unwrap();
    let split = Split { decoder: Linear::new(2, 2), encoder: Linear::new(2, 2) };
    let split: Split<Cpu, Elsewhere> = split.init((Cpu, Elsewhere)).unwrap();
    let x = Tensor::ones((1, 2), DType::F32, Cpu).unwrap();
    let y: Tensor<Elsewhere> =
        split.decoder.forward(&split.encoder.forward(&x).unwrap().to(Elsewhere).unwrap()).unwrap();
    assert_eq!(y.dims(), [1, 2]);
}

#[derive(Module, Debug)]
struct TwoMistakes<D: Device> {
    fc: Linear<D>,
    words: Vec<Embedding<D>>,
    norm: LayerNorm<D>,
}

#[test]
fn the_first_leaf_that_cannot_be_made_is_the_error() {
    let words = vec![Embedding::new(2, 4), Embedding::new(2, 4).padding_idx(5)];
    let declared = TwoMistakes { fc: Linear::new(4, 4), words, norm: LayerNorm::new(()) };
    let error = declared.init(Cpu).unwrap_err().to_string();
    assert!(error.starts_with("words.1.weight: padding_idx"), "{error}");
}
