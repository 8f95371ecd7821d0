//! What does not fit is reported, all at once, and with what to do.

use model_runtime::prelude::*;

use super::{Net, report_of, state};

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
fn a_wrong_declaration_is_reported_with_its_key() {
    let conv = Conv2d::new(3, 8, 3).groups(2);
    let error = conv.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.contains("weight: in_channels must be divisible by groups"), "{error}");
    let error = conv.init(Cpu).unwrap_err().to_string();
    assert!(error.contains("weight: in_channels must be divisible by groups"), "{error}");
}

#[test]
fn a_rename_that_makes_two_keys_one_is_refused() {
    let error = state().rename(|_| "same".into()).unwrap_err();
    assert!(error.to_string().contains("another key is renamed to `same` too"), "{error}");
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
fn saving_says_what_is_wrong_with_the_destination() {
    let folder = tempfile::tempdir().unwrap();
    let message = |name: &str| state().save(folder.path().join(name)).unwrap_err().to_string();
    assert!(message("missing/net.safetensors").contains("missing`, create it first"));
    assert!(message("missing/net.pt").contains("missing`, create it first"));
    assert!(message("net").contains("expected: the extension `.safetensors`"));
    std::fs::create_dir(folder.path().join("dir.safetensors")).unwrap();
    assert!(message("dir.safetensors").contains("there is a folder of this name"));
}
