//! Recurrent layers and attention against PyTorch: outputs, states, gradients, names and initial values.

use model_runtime::prelude::*;
use serde_json::Value;

use crate::args::{Args, set};
use crate::compare::{
    GRADIENT_PRECISION, PRECISION, assert_close, check_initial, entries, fixture, tracked, under, values,
};

/// A case's inputs by name; those that have gradients are part of a graph if `in_graph`.
struct Inputs<'a> {
    file: &'a StateDict,
    tensors: Vec<(&'static str, Tensor<Cpu>)>,
}

impl<'a> Inputs<'a> {
    fn of(file: &'a StateDict, in_graph: bool) -> Self {
        const NAMES: [&str; 8] = ["x", "h_0", "c_0", "query", "key", "value", "attn_mask", "key_padding_mask"];
        let tensors = NAMES.into_iter().filter_map(|name| {
            let tensor = file.get(name)?.read().unwrap();
            Some((name, if in_graph { tracked(&tensor) } else { tensor }))
        });
        Self { file, tensors: tensors.collect() }
    }

    fn get(&self, name: &str) -> Option<&Tensor<Cpu>> {
        self.tensors.iter().find(|(known, _)| *known == name).map(|(_, tensor)| tensor)
    }
}

/// What a test does with a layer of any type, which a closure calls with a case's inputs.
trait Check {
    fn check<M, F>(&self, layer: M, call: F)
    where
        M: Module,
        F: Fn(&M::On<Cpu>, &Inputs<'_>) -> Vec<Tensor<Cpu>>;
}

/// Calls a layer whose state is one tensor.
fn one_state<M>(layer: &M, inputs: &Inputs<'_>) -> Vec<Tensor<Cpu>>
where
    M: for<'a> Forward<&'a Tensor<Cpu>, Output = (Tensor<Cpu>, Tensor<Cpu>)>
        + for<'a> Forward<(&'a Tensor<Cpu>, &'a Tensor<Cpu>), Output = (Tensor<Cpu>, Tensor<Cpu>)>,
{
    let x = inputs.get("x").unwrap();
    let (output, h_n) = match inputs.get("h_0") {
        Some(h_0) => layer.forward((x, h_0)).unwrap(),
        None => layer.forward(x).unwrap(),
    };
    vec![output, h_n]
}

fn lstm(layer: &LSTM<Cpu>, inputs: &Inputs<'_>) -> Vec<Tensor<Cpu>> {
    let x = inputs.get("x").unwrap();
    let (output, (h_n, c_n)) = match (inputs.get("h_0"), inputs.get("c_0")) {
        (Some(h_0), Some(c_0)) => layer.forward((x, (h_0, c_0))).unwrap(),
        _ => layer.forward(x).unwrap(),
    };
    vec![output, h_n, c_n]
}

fn attention(layer: &MultiheadAttention<Cpu>, inputs: &Inputs<'_>, average: bool) -> Vec<Tensor<Cpu>> {
    let [query, key, value] = ["query", "key", "value"].map(|name| inputs.get(name).unwrap());
    let masks = (inputs.get("attn_mask"), inputs.get("key_padding_mask"));
    let (output, weights) = match masks {
        (None, None) if average => layer.forward((query, key, value)).unwrap(),
        (attn_mask, key_padding_mask) => {
            let mut input = AttentionInput::new(query, key, value).average_attn_weights(average);
            if let Some(mask) = attn_mask {
                input = input.attn_mask(mask);
            }
            if let Some(mask) = key_padding_mask {
                input = input.key_padding_mask(mask);
            }
            layer.forward(input).unwrap()
        }
    };
    vec![output, weights]
}

fn with_layer(entry: &Value, check: &impl Check) {
    let args = &Args::of(entry);
    let sizes = || (args.usize("input_size"), args.usize("hidden_size"));
    match entry["class"].as_str().unwrap() {
        "LSTM" => {
            let layer = LSTM::new(sizes().0, sizes().1);
            set!(layer, args, num_layers: usize_if_any, bias: bool, batch_first: bool, bidirectional: bool);
            set!(layer, args, proj_size: usize_if_any);
            check.check(layer, lstm);
        }
        "GRU" => {
            let layer = GRU::new(sizes().0, sizes().1);
            set!(layer, args, num_layers: usize_if_any, bias: bool, batch_first: bool, bidirectional: bool);
            check.check(layer, one_state::<GRU<Cpu>>);
        }
        "RNN" => {
            let layer = RNN::new(sizes().0, sizes().1);
            set!(layer, args, num_layers: usize_if_any, bias: bool, batch_first: bool, bidirectional: bool);
            let layer = match args.get("nonlinearity").and_then(Value::as_str) {
                Some("relu") => layer.nonlinearity(Nonlinearity::ReLU),
                Some(other) => panic!("nonlinearity {other}"),
                None => layer,
            };
            check.check(layer, one_state::<RNN<Cpu>>);
        }
        "MultiheadAttention" => {
            let layer = MultiheadAttention::new(args.usize("embed_dim"), args.usize("num_heads"));
            set!(layer, args, bias: bool, add_bias_kv: bool, add_zero_attn: bool, batch_first: bool);
            set!(layer, args, kdim: usize_if_any, vdim: usize_if_any);
            let average = entry["call"]["average_attn_weights"] != Value::Bool(false);
            check.check(layer, |layer, inputs| attention(layer, inputs, average));
        }
        class => panic!("a class that this test does not know: {class}"),
    }
    args.check_all_used();
}

struct Outputs<'a> {
    entry: &'a Value,
    in_graph: bool,
}

impl Check for Outputs<'_> {
    fn check<M, F>(&self, layer: M, call: F)
    where
        M: Module,
        F: Fn(&M::On<Cpu>, &Inputs<'_>) -> Vec<Tensor<Cpu>>,
    {
        let name = self.entry["name"].as_str().unwrap();
        let file = Checkpoint::open(fixture(&format!("{name}.safetensors"))).unwrap().state_dict().unwrap();
        let mut layer = layer.load_state_dict(&under(&file, "state."), Cpu).unwrap();
        layer.requires_grad(self.in_graph).unwrap();
        let state = layer.state_dict().unwrap();
        let keys: Vec<_> = self.entry["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        assert_eq!(state.keys().collect::<Vec<_>>(), keys, "{name}");

        let inputs = Inputs::of(&file, self.in_graph);
        let outputs = call(&layer, &inputs);
        let expected = under(&file, "output.");
        assert_eq!(outputs.len(), expected.len(), "{name}");
        for (index, output) in outputs.iter().enumerate() {
            let expected = expected.get(&index.to_string()).unwrap().read().unwrap();
            assert_close(&format!("{name}: output {index}"), PRECISION, output, &expected);
        }
        if self.in_graph {
            check_gradients(name, &layer, &inputs, &outputs);
        }
    }
}

/// The gradients of the sum of all `weights · output`, for each input and each parameter.
fn check_gradients(name: &str, layer: &impl Module, inputs: &Inputs<'_>, outputs: &[Tensor<Cpu>]) {
    let weights = |index: usize| inputs.file.get(&format!("weights.{index}")).unwrap().read().unwrap();
    let sums = outputs.iter().enumerate().map(|(index, y)| (y * &weights(index)).unwrap().sum_all().unwrap());
    let loss = sums.reduce(|sum, next| (sum + next).unwrap()).unwrap();
    let gradients = loss.as_candle().backward().unwrap();
    let parameters = layer.named_parameters().into_iter().map(|(key, leaf)| (key, leaf.tensor().unwrap()));
    let inputs_with = inputs.tensors.iter().map(|(name, tensor)| ((*name).to_owned(), tensor.as_candle()));
    let mut checked = 0;
    for (key, tensor) in parameters.chain(inputs_with) {
        let Some(expected) = inputs.file.get(&format!("grad.{key}")) else { continue };
        let got = gradients.get(tensor).unwrap_or_else(|| panic!("{name}: {key}: no gradient"));
        let got = Tensor::try_from_candle(got.clone()).unwrap();
        assert_close(&format!("{name}: grad.{key}"), GRADIENT_PRECISION, &got, &expected.read().unwrap());
        checked += 1;
    }
    assert_eq!(checked, under(inputs.file, "grad.").len(), "{name}");
}

fn check_outputs(in_graph: bool) {
    let cases = entries("sequences.json");
    assert!(cases.len() >= 20, "the fixtures are not all there");
    for entry in &cases {
        with_layer(entry, &Outputs { entry, in_graph });
    }
}

#[test]
fn every_sequence_layer_computes_what_pytorch_computes() {
    check_outputs(false);
}

#[test]
fn every_sequence_layer_has_pytorchs_gradients() {
    check_outputs(true);
}

struct Initial<'a>(&'a Value);

impl Check for Initial<'_> {
    fn check<M, F>(&self, layer: M, _call: F)
    where
        M: Module,
        F: Fn(&M::On<Cpu>, &Inputs<'_>) -> Vec<Tensor<Cpu>>,
    {
        let tensors = self.0["tensors"].as_object().unwrap();
        let state = layer.init_seeded(Cpu, 0).unwrap().state_dict().unwrap();
        assert_eq!(state.len(), tensors.len());
        for (key, expected) in tensors {
            check_initial(&values(&state.get(key).unwrap().read().unwrap()), expected);
        }
    }
}

#[test]
fn initial_values_of_sequence_layers_follow_pytorchs_rules() {
    for entry in &entries("sequences_init.json") {
        with_layer(entry, &Initial(entry));
    }
}
