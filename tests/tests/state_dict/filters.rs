//! `LoadOptions::only` and `except`: a part of the model, strict elsewhere.

use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<D: Device> {
    body: Linear<D>,
    head: Linear<D>,
}

fn net(classes: usize) -> Net<Meta> {
    Net { body: Linear::new(4, 4), head: Linear::new(4, classes) }
}

fn state(classes: usize) -> StateDict {
    net(classes).init_seeded(Cpu, 1).unwrap().state_dict().unwrap()
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn everything_but_the_head_is_loaded_and_the_head_stays() {
    let start = net(2).init_seeded(Cpu, 2).unwrap();
    let (loaded, report) = start.load_state_dict_with(&state(9), Cpu, &LoadOptions::new().except("head")).unwrap();
    assert_eq!(values(&loaded.head.weight), values(&start.head.weight));
    assert_eq!(values(&loaded.body.weight), values(&net(9).init_seeded(Cpu, 1).unwrap().body.weight));
    assert_eq!(report.left_out, ["head.weight", "head.bias"]);
    assert!(report.is_complete());
    assert!(report.to_string().contains("Left out by the options:\n    head.weight\n    head.bias"), "{report}");
}

#[test]
fn what_is_not_left_out_is_as_strict_as_ever() {
    let start = net(2).init(Cpu).unwrap();
    let options = LoadOptions::new().except("head");
    let less = state(9).filter(|key| key != "body.bias");
    let error = start.load_state_dict_with(&less, Cpu, &options).unwrap_err().to_string();
    assert!(error.contains("Missing key(s) in state_dict:\n    \"body.bias\" [4]"), "{error}");
    assert!(!error.contains("head"), "{error}");
    let more = state(9).merge(&Linear::new(1, 1).init(Cpu).unwrap().state_dict().unwrap().add_prefix("tail").unwrap());
    let error = start.load_state_dict_with(&more.unwrap(), Cpu, &options).unwrap_err().to_string();
    assert!(error.contains("Unexpected key(s) in state_dict:\n    \"tail.weight\"\n    \"tail.bias\""), "{error}");
    let wide = Net { body: Linear::new(4, 5), head: Linear::new(4, 2) }.init(Cpu).unwrap();
    let error = wide.load_state_dict_with(&state(9), Cpu, &options).unwrap_err().to_string();
    assert!(error.contains("body.weight, expected: [5, 4], got: [4, 4]"), "{error}");
}

#[test]
fn only_a_part_is_loaded_and_its_keys_must_be_there() {
    let start = net(2).init_seeded(Cpu, 2).unwrap();
    let (loaded, report) = start.load_state_dict_with(&state(9), Cpu, &LoadOptions::new().only("body")).unwrap();
    assert_eq!(values(&loaded.head.weight), values(&start.head.weight));
    assert_eq!((report.loaded, report.expected), (2, 4));
    let without = state(9).filter(|key| key.starts_with("head"));
    let error = start.load_state_dict_with(&without, Cpu, &LoadOptions::new().only("body")).unwrap_err().to_string();
    assert!(error.contains("\"body.weight\" [4, 4]") && !error.contains("head"), "{error}");
}

#[test]
fn what_is_left_out_must_have_a_value() {
    let options = LoadOptions::new().except("head");
    let error = net(2).load_state_dict_with(&state(9), Cpu, &options).unwrap_err().to_string();
    let says = "the model has no value for `head.weight` to keep, which is left out: call `init(device)` on it before the load";
    assert!(error.contains(says), "{error}");
    // On `Meta` nothing has a value.
    assert!(net(2).load_state_dict_with(&state(9), Meta, &options).is_ok());
}

#[test]
fn a_path_that_nothing_is_under_is_refused() {
    let start = net(2).init(Cpu).unwrap();
    let error = start.load_state_dict_with(&state(2), Cpu, &LoadOptions::new().except("haed")).unwrap_err().to_string();
    let says = "`LoadOptions::except(\"haed\")`: neither the model nor the state dict has a key under it, did you mean `head`?";
    assert_eq!(error, says);
    // One that the file has is not misspelt: it is ignored there.
    let more = state(2).merge(&state(3).add_prefix("ema").unwrap()).unwrap();
    assert!(net(2).load_state_dict_with(&more, Cpu, &LoadOptions::new().except("ema")).is_ok());
}

#[test]
fn paths_are_those_after_the_renames_and_a_star_is_one_name() {
    let layers = |seed| vec![net(2), net(2)].init_seeded(Cpu, seed).unwrap();
    let file = layers(1).state_dict().unwrap().add_prefix("module.layers").unwrap();
    let options = LoadOptions::new().strip_prefix("module.layers").except("*.head.bias");
    let (_, report) = layers(2).load_state_dict_with(&file, Cpu, &options).unwrap();
    assert_eq!(report.left_out, ["0.head.bias", "1.head.bias"]);
    assert!(report.to_string().contains("{0,1}.head.bias"), "{report}");
}

#[test]
fn a_tied_tensor_is_left_out_only_under_all_its_names() {
    #[derive(Module, Debug)]
    struct Tied<D: Device> {
        embed: Embedding<D>,
        #[module(tied = "embed")]
        head: Linear<D>,
    }
    let tied = || Tied { embed: Embedding::new(3, 2), head: Linear::new(2, 3).bias(false) };
    let state = tied().init_seeded(Cpu, 1).unwrap().state_dict().unwrap();
    let first = values(&tied().init_seeded(Cpu, 1).unwrap().embed.weight);
    let start = tied().init_seeded(Cpu, 2).unwrap();
    for options in
        [LoadOptions::new().except("head"), LoadOptions::new().only("head"), LoadOptions::new().except("embed")]
    {
        for key in ["embed.weight", "head.weight"] {
            let file = state.filter(|name| name == key);
            let loaded = start.load_state_dict_with(&file, Cpu, &options);
            let loaded = loaded.unwrap_or_else(|error| panic!("{options:?} of {key}: {error}")).0;
            assert_eq!(values(&loaded.embed.weight), first, "{options:?} of {key}");
            assert_eq!(values(&loaded.head.weight), first, "{options:?} of {key}");
        }
    }
    let options = LoadOptions::new().except("head").except("embed");
    let (loaded, report) = start.load_state_dict_with(&state, Cpu, &options).unwrap();
    assert_eq!(report.loaded, 0);
    assert_eq!(values(&loaded.head.weight), values(&start.embed.weight));
}

#[test]
fn a_field_with_a_converter_is_left_out_by_the_names_of_the_file() {
    #[derive(Module, Debug)]
    struct Gpt<D: Device> {
        #[module(with = model_runtime::with::transposed)]
        c_fc: Linear<D>,
        out: Linear<D>,
    }
    let gpt = || Gpt { c_fc: Linear::new(2, 3), out: Linear::new(3, 2) };
    let state = gpt().init_seeded(Cpu, 1).unwrap().state_dict().unwrap();
    let start = gpt().init_seeded(Cpu, 2).unwrap();
    let (loaded, report) = start.load_state_dict_with(&state, Cpu, &LoadOptions::new().except("c_fc")).unwrap();
    assert_eq!(values(&loaded.c_fc.weight), values(&start.c_fc.weight));
    assert_ne!(values(&loaded.out.weight), values(&start.out.weight));
    assert_eq!(report.left_out, ["c_fc.weight", "c_fc.bias"]);
}
