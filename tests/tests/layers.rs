//! Every layer against PyTorch: outputs, running statistics, names, shapes and initial values.
//!
//! The numbers are in `tests/fixtures/layers`, with the script that made them. No case is skipped: a class or an argument
//! that is not known here fails the test.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use candle_core::Var;
use model_runtime::prelude::*;
use serde_json::{Map, Value};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/layers").join(name)
}

fn entries(file: &str) -> Vec<Value> {
    serde_json::from_str(&fs::read_to_string(fixture(file)).unwrap()).unwrap()
}

/// A constructor's arguments; all of them must be asked for.
struct Args {
    values: Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl Args {
    fn of(entry: &Value) -> Self {
        Self { values: entry["args"].as_object().unwrap().clone(), used: RefCell::default() }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.used.borrow_mut().insert(name.to_owned());
        self.values.get(name)
    }

    fn usize(&self, name: &str) -> usize {
        self.get(name).unwrap().as_u64().unwrap() as usize
    }

    fn size(&self, name: &str) -> Option<(usize, usize)> {
        self.get(name).map(|value| match value.as_array() {
            Some(sides) => (sides[0].as_u64().unwrap() as usize, sides[1].as_u64().unwrap() as usize),
            None => (value.as_u64().unwrap() as usize, value.as_u64().unwrap() as usize),
        })
    }

    fn isize(&self, name: &str) -> Option<isize> {
        self.get(name).map(|value| value.as_i64().unwrap() as isize)
    }

    fn f64(&self, name: &str) -> Option<f64> {
        self.get(name).map(|value| value.as_f64().unwrap())
    }

    fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.as_bool().unwrap())
    }

    fn check_all_used(&self) {
        let given: BTreeSet<_> = self.values.keys().cloned().collect();
        let ignored: Vec<_> = given.difference(&self.used.borrow()).cloned().collect();
        assert!(ignored.is_empty(), "arguments that this test does not know: {ignored:?}");
    }
}

/// Hands `layer` the argument `name`, if there is one.
macro_rules! set {
    ($layer:ident, $args:ident, $($name:ident: $get:ident),* $(,)?) => {
        $(let $layer = match $args.$get(stringify!($name)) {
            Some(value) => $layer.$name(value),
            None => $layer,
        };)*
    };
}

/// What a test does with a layer of any type.
trait Check {
    fn check<M>(&self, layer: M)
    where
        M: Module,
        M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>;
}

fn linear(args: &Args) -> Linear<Meta> {
    let layer = Linear::new(args.usize("in_features"), args.usize("out_features"));
    set!(layer, args, bias: bool);
    layer
}

fn conv2d(args: &Args) -> Conv2d<Meta> {
    let kernel_size = args.size("kernel_size").unwrap();
    let layer = Conv2d::new(args.usize("in_channels"), args.usize("out_channels"), kernel_size);
    set!(layer, args, stride: size, dilation: size, groups: usize_if_any, bias: bool);
    match args.get("padding").and_then(Value::as_str) {
        Some("same") => layer.padding(Padding::Same),
        Some("valid") => layer.padding(Padding::Valid),
        Some(other) => panic!("padding {other}"),
        None => layer.padding(args.size("padding").unwrap_or((0, 0))),
    }
}

impl Args {
    fn usize_if_any(&self, name: &str) -> Option<usize> {
        self.get(name).map(|_| self.usize(name))
    }

    /// `momentum` may be given as `None`, which is not the default.
    fn momentum(&self, name: &str) -> Option<Option<f64>> {
        self.get(name).map(Value::as_f64)
    }
}

fn batch_norm2d(args: &Args) -> BatchNorm2d<Meta> {
    let layer = BatchNorm2d::new(args.usize("num_features"));
    set!(layer, args, eps: f64, momentum: momentum, affine: bool, track_running_stats: bool);
    layer
}

fn max_pool2d(args: &Args) -> MaxPool2d {
    let layer = MaxPool2d::new(args.size("kernel_size").unwrap());
    set!(layer, args, stride: size, padding: size, dilation: size, ceil_mode: bool);
    layer
}

fn layer_norm(args: &Args) -> LayerNorm<Meta> {
    let shape = match args.get("normalized_shape").unwrap() {
        Value::Array(sizes) => sizes.iter().map(|size| size.as_u64().unwrap() as usize).collect(),
        size => vec![size.as_u64().unwrap() as usize],
    };
    let layer = LayerNorm::new(shape);
    set!(layer, args, eps: f64, elementwise_affine: bool, bias: bool);
    layer
}

fn flatten(args: &Args) -> Flatten {
    let layer = Flatten::new();
    set!(layer, args, start_dim: isize, end_dim: isize);
    layer
}

/// The one `Sequential` of each list of classes that the fixtures have.
fn sequential(entry: &Value, check: &impl Check) {
    let layers = entry["args"].as_array().unwrap();
    let classes: Vec<_> = layers.iter().map(|layer| layer["class"].as_str().unwrap()).collect();
    let args: Vec<_> = layers.iter().map(Args::of).collect();
    match classes[..] {
        ["Linear", "ReLU", "Linear"] => check.check(Sequential::new((linear(&args[0]), ReLU, linear(&args[2])))),
        ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Flatten", "Linear"] => check.check(Sequential::new((
            conv2d(&args[0]),
            batch_norm2d(&args[1]),
            ReLU,
            max_pool2d(&args[3]),
            flatten(&args[4]),
            linear(&args[5]),
        ))),
        _ => panic!("a Sequential that this test does not know: {classes:?}"),
    }
    args.iter().for_each(Args::check_all_used);
}

fn with_layer(entry: &Value, check: &impl Check) {
    let class = entry["class"].as_str().unwrap();
    if class == "Sequential" {
        return sequential(entry, check);
    }
    let args = &Args::of(entry);
    match class {
        "Linear" => check.check(linear(args)),
        "Conv2d" => check.check(conv2d(args)),
        "BatchNorm2d" => check.check(batch_norm2d(args)),
        "LayerNorm" => check.check(layer_norm(args)),
        "MaxPool2d" => check.check(max_pool2d(args)),
        "Flatten" => check.check(flatten(args)),
        "Embedding" => {
            let layer = Embedding::new(args.usize("num_embeddings"), args.usize("embedding_dim"));
            set!(layer, args, padding_idx: isize);
            check.check(layer);
        }
        "AvgPool2d" => {
            let layer = AvgPool2d::new(args.size("kernel_size").unwrap());
            set!(layer, args, stride: size, padding: size, ceil_mode: bool, count_include_pad: bool);
            check.check(layer);
        }
        "AdaptiveAvgPool2d" => check.check(AdaptiveAvgPool2d::new(args.size("output_size").unwrap())),
        "PReLU" => {
            let layer = PReLU::new();
            set!(layer, args, num_parameters: usize_if_any);
            check.check(layer);
        }
        "Dropout" => check.check(Dropout::new(args.f64("p").unwrap())),
        _ => with_activation(class, args, check),
    }
    args.check_all_used();
}

fn with_activation(class: &str, args: &Args, check: &impl Check) {
    match class {
        "Identity" => check.check(Identity),
        "ReLU" => check.check(ReLU),
        "ReLU6" => check.check(ReLU6),
        "SiLU" => check.check(SiLU),
        "Sigmoid" => check.check(Sigmoid),
        "Tanh" => check.check(Tanh),
        "Hardswish" => check.check(Hardswish),
        "Hardsigmoid" => check.check(Hardsigmoid),
        "Mish" => check.check(Mish),
        "GELU" => match args.get("approximate").and_then(Value::as_str) {
            Some("none") => check.check(GELU::new()),
            Some("tanh") => check.check(GELU::new().approximate(Approximate::Tanh)),
            other => panic!("approximate {other:?}"),
        },
        "LeakyReLU" => {
            let layer = LeakyReLU::new();
            set!(layer, args, negative_slope: f64);
            check.check(layer);
        }
        "ELU" => {
            let layer = ELU::new();
            set!(layer, args, alpha: f64);
            check.check(layer);
        }
        "Softplus" => {
            let layer = Softplus::new();
            set!(layer, args, beta: f64, threshold: f64);
            check.check(layer);
        }
        "Hardtanh" => {
            let layer = Hardtanh::new();
            set!(layer, args, min_val: f64, max_val: f64);
            check.check(layer);
        }
        "Softmax" => check.check(Softmax::new(args.isize("dim").unwrap())),
        "LogSoftmax" => check.check(LogSoftmax::new(args.isize("dim").unwrap())),
        _ => panic!("a class that this test does not know: {class}"),
    }
}

/// The tensors `role`, or `role.0`, `role.1`, ... of a case.
fn tensors(file: &StateDict, role: &str) -> Vec<Tensor<Cpu>> {
    let numbered = (0..).map_while(|index| file.get(&format!("{role}.{index}")));
    file.get(role).into_iter().chain(numbered).map(|entry| entry.read().unwrap()).collect()
}

/// The entries under `prefix`.
fn under(file: &StateDict, prefix: &str) -> StateDict {
    let entries = file.filter(|key| key.starts_with(prefix));
    if entries.is_empty() { entries } else { entries.strip_prefix(prefix).unwrap() }
}

/// The same numbers, as part of a graph: some layers take another way then.
fn tracked(x: &Tensor<Cpu>) -> Tensor<Cpu> {
    if !x.dtype().is_float() {
        return x.clone();
    }
    Tensor::try_from_candle(Var::from_tensor(x.as_candle()).unwrap().into_inner()).unwrap()
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}

/// Single precision in another order of summation: five digits, or six after the point.
const PRECISION: f64 = 1e-5;

/// The relative tolerance of a case.
fn precision(name: &str) -> f64 {
    match name {
        // Mean 5 and deviation 0.001: PyTorch's numbers are themselves up to 8e-5 from the exact ones.
        "layer_norm_small_variance" => 1e-3,
        _ => PRECISION,
    }
}

fn assert_close(what: &str, precision: f64, got: &Tensor<Cpu>, expected: &Tensor<Cpu>) {
    assert_eq!(got.dims(), expected.dims(), "{what}: shape");
    assert_eq!(got.dtype(), expected.dtype(), "{what}: dtype");
    for (index, (got, expected)) in values(got).into_iter().zip(values(expected)).enumerate() {
        let tolerance = precision * expected.abs().max(0.1);
        let is_close = got == expected || (got - expected).abs() <= tolerance || (got.is_nan() && expected.is_nan());
        assert!(is_close, "{what}: element {index}, expected: {expected}, got: {got}");
    }
}

struct Outputs<'a> {
    name: &'a str,
    mode: &'a str,
    file: StateDict,
    in_graph: bool,
}

impl Check for Outputs<'_> {
    fn check<M>(&self, layer: M)
    where
        M: Module,
        M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
    {
        let layer = layer.load_state_dict(&under(&self.file, "state."), Cpu).unwrap();
        match self.mode {
            "train" => layer.train(),
            "eval" => layer.eval(),
            other => panic!("mode {other}"),
        }
        let (inputs, outputs) = (tensors(&self.file, "input"), tensors(&self.file, "output"));
        assert!(!inputs.is_empty() && inputs.len() == outputs.len());
        for (input, expected) in inputs.iter().zip(&outputs) {
            let input = if self.in_graph { tracked(input) } else { input.clone() };
            assert_close(self.name, precision(self.name), &layer.forward(&input).unwrap(), expected);
        }
        let (state, after) = (layer.state_dict().unwrap(), under(&self.file, "after."));
        for (key, expected) in after.iter() {
            let got = state.get(key).unwrap().read().unwrap();
            assert_close(&format!("{}: after.{key}", self.name), PRECISION, &got, &expected.read().unwrap());
        }
    }
}

fn check_outputs(in_graph: bool) {
    let cases = entries("index.json");
    assert!(cases.len() >= 80, "the fixtures are not all there");
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let file = Checkpoint::open(fixture(&format!("{name}.safetensors"))).unwrap().state_dict().unwrap();
        with_layer(case, &Outputs { name, mode: case["mode"].as_str().unwrap(), file, in_graph });
    }
}

#[test]
fn every_layer_computes_what_pytorch_computes() {
    check_outputs(false);
}

#[test]
fn every_layer_computes_the_same_when_its_input_is_part_of_a_graph() {
    check_outputs(true);
}

/// Names and shapes of what is declared, against those of PyTorch's state dict.
struct Names<'a> {
    name: &'a str,
    expected: Vec<(String, Vec<usize>)>,
}

impl Check for Names<'_> {
    fn check<M: Module>(&self, layer: M) {
        let leaves = layer.named_parameters().into_iter().chain(layer.named_buffers());
        let mut declared: Vec<_> = leaves.map(|(key, leaf)| (key, leaf.shape().dims().to_vec())).collect();
        declared.sort();
        assert_eq!(declared, self.expected, "{}", self.name);
    }
}

#[test]
fn declared_names_and_shapes_are_those_of_pytorch() {
    for case in &entries("index.json") {
        let shape = |value: &Value| value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let tensors = case["tensors"].as_object().unwrap().iter();
        let state = tensors.filter_map(|(key, dims)| Some((key.strip_prefix("state.")?.to_owned(), shape(dims))));
        let mut expected: Vec<(String, Vec<usize>)> = state.collect();
        expected.sort();
        with_layer(case, &Names { name: case["name"].as_str().unwrap(), expected });
    }
}

/// The initial values, against the rule that PyTorch's follow.
struct Initial<'a> {
    tensors: &'a Map<String, Value>,
    zero_row: Option<usize>,
}

impl Check for Initial<'_> {
    fn check<M>(&self, layer: M)
    where
        M: Module,
        M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
    {
        let state = layer.init_seeded(Cpu, 0).unwrap().state_dict().unwrap();
        let keys: BTreeSet<_> = state.keys().collect();
        assert_eq!(keys, self.tensors.keys().map(String::as_str).collect());
        for (key, expected) in self.tensors {
            let tensor = state.get(key).unwrap().read().unwrap();
            if let Some(row) = self.zero_row {
                assert!(values(&tensor.narrow(0, row, 1).unwrap()).iter().all(|value| *value == 0.0));
            }
            check_initial(&values(&tensor), expected);
        }
    }
}

fn check_initial(values: &[f64], expected: &Value) {
    let number = |name: &str| expected[name].as_f64();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let std = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(min, max), value| (min.min(*value), max.max(*value)));
    if number("std") == Some(0.0) {
        assert_eq!((Some(min), Some(max)), (number("min"), number("max")));
        return;
    }
    // Five standard errors: of the mean σ/√n, of the standard deviation at most σ/√(2n).
    let sigma = number("expected_std").unwrap_or(1.0);
    assert!(mean.abs() < 5.0 * sigma / count.sqrt(), "mean {mean}");
    assert!((std - sigma).abs() < 5.0 * sigma / (2.0 * count).sqrt(), "std {std}, expected {sigma}");
    if let Some(bound) = number("bound") {
        // Rounded to single precision, the bound itself may be exceeded by half of its last digit.
        assert!(
            max <= bound * (1.0 + 1e-7) && max > 0.98 * bound && min >= -bound * (1.0 + 1e-7) && min < -0.98 * bound
        );
    }
}

#[test]
fn initial_values_follow_pytorchs_rules() {
    for entry in &entries("init_stats.json") {
        let zero_row = entry["args"].get("padding_idx").map(|row| row.as_u64().unwrap() as usize);
        with_layer(entry, &Initial { tensors: entry["tensors"].as_object().unwrap(), zero_row });
    }
}
