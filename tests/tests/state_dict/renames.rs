//! What PyTorch does with hooks on loading: renames by rule, by regular expression and by function, in their order.

use model_runtime::prelude::*;

fn layers() -> Vec<Linear<Meta>> {
    vec![Linear::new(2, 2), Linear::new(2, 2)]
}

fn file(rename: impl Fn(&str) -> String + Send + Sync + 'static) -> StateDict {
    layers().init(Cpu).unwrap().state_dict().unwrap().rename(rename).unwrap()
}

#[test]
fn a_regex_renames_with_its_groups() {
    let file = file(|key| format!("encoder.block_{}", key.replace('.', "/")));
    assert_eq!(file.keys().next(), Some("encoder.block_0/weight"));
    let options = LoadOptions::new().rename_regex(r"^encoder\.block_(\d+)/", "${1}.").unwrap();
    assert!(layers().load_state_dict_with(&file, Cpu, &options).is_ok());
}

#[test]
fn renames_are_applied_in_the_order_in_which_they_are_written() {
    let file = file(|key| format!("module.h.{key}"));
    let options = LoadOptions::new().strip_prefix("module.").rename("h", "");
    assert!(layers().load_state_dict_with(&file, Cpu, &options).is_ok());
    let other_way_round = LoadOptions::new().rename("h", "").strip_prefix("module.");
    let error = layers().load_state_dict_with(&file, Cpu, &other_way_round).unwrap_err().to_string();
    assert!(error.contains("add `.strip_prefix(\"h.\")`"), "{error}");
}

#[test]
fn a_function_can_do_what_no_pattern_can() {
    let file = file(|key| key.replace('0', "x").replace('1', "0").replace('x', "1"));
    let reversed = |key: &str| match key.split_once('.') {
        Some((number, rest)) => format!("{}.{rest}", 1 - number.parse::<u32>().unwrap()),
        None => key.to_owned(),
    };
    let expected = file.get("1.weight").unwrap().read().unwrap().to_vec2::<f32>().unwrap();
    let (net, _) = layers().load_state_dict_with(&file, Cpu, &LoadOptions::new().rename_with(reversed)).unwrap();
    assert_eq!(net[0].weight.to_vec2::<f32>().unwrap(), expected);
}

#[test]
fn a_pattern_that_makes_two_keys_one_is_refused() {
    let options = LoadOptions::new().rename_regex(r"^\d+", "0").unwrap();
    let error = layers().load_state_dict_with(&file(str::to_owned), Cpu, &options).unwrap_err().to_string();
    assert!(error.contains("1.weight: another key is renamed to `0.weight` too"), "{error}");
}
