//! `#[module(alias = "old")]`: older names are accepted on load, and never written.

use model_runtime::prelude::*;

use super::{load_error, values};

#[derive(Module, Debug)]
struct Head<D: Device> {
    #[module(alias = "gamma")]
    weight: Param<D>,
    bias: Param<D>,
}

#[derive(Module, Debug)]
struct Net<D: Device> {
    #[module(alias = "classifier", alias = "fc")]
    heads: Vec<Head<D>>,
    #[module(alias = "proj")]
    out: Linear<D>,
}

fn net() -> Net<Meta> {
    let head = Head { weight: Param::new(2, init::STANDARD_NORMAL), bias: Param::new(2, init::ZERO) };
    Net { heads: vec![head], out: Linear::new(2, 1) }
}

fn renamed(from: &'static str, to: &'static str) -> StateDict {
    net().init_seeded(Cpu, 0).unwrap().state_dict().unwrap().rename(move |key| key.replace(from, to)).unwrap()
}

#[test]
fn every_older_name_on_the_way_is_accepted() {
    let expected = values(net().init_seeded(Cpu, 0).unwrap().heads[0].weight.as_candle());
    for to in ["classifier.0.weight", "fc.0.weight", "heads.0.gamma", "fc.0.gamma", "classifier.0.gamma"] {
        let (loaded, report) =
            net().load_state_dict_with(&renamed("heads.0.weight", to), Cpu, &LoadOptions::new()).unwrap();
        assert_eq!(values(loaded.heads[0].weight.as_candle()), expected);
        assert_eq!(report.aliased, [("heads.0.weight".to_owned(), to.to_owned())]);
        assert!(report.to_string().contains(&format!("heads.0.weight: {to}")), "{report}");
        assert!(loaded.state_dict().unwrap().get("heads.0.weight").is_some());
    }
    net().load_state_dict(&renamed("heads.", "fc."), Cpu).unwrap();
}

#[test]
fn older_names_hold_after_the_prefix_was_stripped() {
    let wrapped = renamed("out.", "proj.").add_prefix("module.").unwrap();
    let options = LoadOptions::new().strip_prefix("module.");
    let (_, report) = net().load_state_dict_with(&wrapped, Cpu, &options).unwrap();
    assert_eq!(report.aliased.len(), 2);
}

/// A file that has the new name and an older one.
#[derive(Module, Debug)]
struct Both<D: Device> {
    #[module(flatten)]
    net: Net<D>,
    proj: Param<D>,
}

#[test]
fn the_new_name_wins_and_the_older_one_is_unexpected() {
    let both = Both { net: net(), proj: Param::new(1, init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let both = both.rename(|key| if key == "proj" { "proj.bias".to_owned() } else { key.to_owned() }).unwrap();
    let error = load_error(&net(), &both);
    assert!(error.contains("Unexpected key(s) in state_dict:\n    \"proj.bias\""), "{error}");
    assert!(!error.contains("Missing"), "{error}");
}

#[test]
fn a_missing_key_is_named_as_it_is_now() {
    let error = load_error(&net(), &renamed("out.bias", "out.beta"));
    assert!(error.contains("`bias` is called `beta`") && error.contains("\"out.bias\" [1]"), "{error}");
    assert!(!error.contains("proj"), "{error}");
}
