//! `#[module(default)]`: what the file lacks keeps its initial value.

use model_runtime::prelude::*;
use model_runtime::with;

use super::{load_error, values};

#[derive(Module, Debug)]
struct Net<D: Device> {
    body: Linear<D>,
    #[module(default)]
    head: Linear<D>,
}

fn net() -> Net<Meta> {
    Net { body: Linear::new(2, 2), head: Linear::new(2, 3) }
}

fn body() -> StateDict {
    net().init_seeded(Cpu, 0).unwrap().state_dict().unwrap().filter(|key| key.starts_with("body"))
}

#[test]
fn what_the_file_lacks_is_drawn_as_init_draws_it() {
    let options = LoadOptions::new().seed(7);
    let (loaded, report) = net().load_state_dict_with(&body(), Cpu, &options).unwrap();
    assert_eq!(report.defaulted, ["head.weight", "head.bias"]);
    assert!(report.is_complete());
    assert!(report.to_string().contains("initial value kept:\n    head.weight"), "{report}");
    let drawn = net().init_seeded(Cpu, 7).unwrap();
    assert_eq!(values(loaded.head.weight.as_candle()), values(drawn.head.weight.as_candle()));
    assert!(!loaded.head.weight.leaf().requires_grad());
}

#[test]
fn a_model_with_values_keeps_them() {
    let start = net().init_seeded(Cpu, 3).unwrap();
    let loaded = start.load_state_dict(&body(), Cpu).unwrap();
    assert_eq!(values(loaded.head.weight.as_candle()), values(start.head.weight.as_candle()));
    assert_ne!(values(loaded.body.weight.as_candle()), values(start.body.weight.as_candle()));
}

#[test]
fn the_file_is_taken_where_it_has_the_key() {
    let state = net().init_seeded(Cpu, 1).unwrap().state_dict().unwrap();
    let (loaded, report) = net().load_state_dict_with(&state, Cpu, &LoadOptions::new()).unwrap();
    assert!(report.defaulted.is_empty());
    let expected = state.get("head.bias").unwrap().read().unwrap();
    assert_eq!(values(loaded.head.bias.as_ref().unwrap().as_candle()), values(expected.as_candle()));
}

#[test]
fn a_wrong_shape_and_another_missing_key_stay_errors() {
    let wide = Net { body: Linear::new(2, 2), head: Linear::new(2, 4) };
    let error = load_error(&wide, &net().init(Cpu).unwrap().state_dict().unwrap());
    assert!(error.contains("head.weight, expected: [4, 2], got: [3, 2]"), "{error}");
    let error = load_error(&net(), &body().filter(|key| key != "body.bias"));
    assert!(error.contains("\"body.bias\" [2]") && !error.contains("head"), "{error}");
}

#[derive(Module, Debug)]
struct Normed<D: Device> {
    #[module(default, with = with::weight_norm)]
    fc: Linear<D>,
}

#[test]
fn what_a_file_lacks_of_a_converted_field_is_made_of_the_value_of_the_field() {
    let declared = Normed { fc: Linear::new(2, 2) };
    let start = declared.init_seeded(Cpu, 1).unwrap();
    let state = declared.init_seeded(Cpu, 2).unwrap().state_dict().unwrap();
    let without_bias = state.filter(|key| key != "fc.bias");
    let options = LoadOptions::new().seed(7);
    let (loaded, report) = start.load_state_dict_with(&without_bias, Cpu, &options).unwrap();
    assert_eq!(report.defaulted, ["fc.bias"]);
    let bias = |net: &Normed<Cpu>| values(net.fc.bias.as_ref().unwrap().as_candle());
    assert_eq!(bias(&loaded), bias(&start));

    // On `Meta` it is drawn as `init` draws it, and a length is that of the drawn weight.
    let drawn = declared.init_seeded(Cpu, 7).unwrap();
    let without_length = state.filter(|key| key == "fc.weight_v");
    let (loaded, report) = declared.load_state_dict_with(&without_length, Cpu, &options).unwrap();
    assert_eq!(report.defaulted, ["fc.bias", "fc.weight_g"]);
    assert_eq!(bias(&loaded), bias(&drawn));
    let length =
        |net: &Normed<Cpu>| values(net.state_dict().unwrap().get("fc.weight_g").unwrap().read().unwrap().as_candle());
    for (got, expected) in length(&loaded).into_iter().zip(length(&drawn)) {
        assert!((got - expected).abs() < 1e-6, "expected: {expected}, got: {got}");
    }
    let error = load_error(&Normed { fc: Linear::new(2, 3) }, &without_bias);
    assert!(error.contains("fc.weight_v, expected: [3, 2], got: [2, 2]"), "{error}");
}
