//! The report of a load: a page, with the code to write; and that code does what it says.

use model_runtime::prelude::*;

use super::transformer::{KEYS, Transformer, refused, state};

fn page(state: &StateDict) -> String {
    refused(&Transformer::new(5), state, &LoadOptions::new())
}

fn loads(state: &StateDict, options: &LoadOptions) {
    let (net, report) = Transformer::new(5).load_state_dict_with(state, Cpu, options).unwrap();
    assert_eq!(report.loaded, KEYS);
    let expected = self::state(5);
    for (key, entry) in net.state_dict().unwrap().iter() {
        let values = |entry: &model_runtime::state_dict::Entry| {
            entry.read().unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(values(entry), values(expected.get(key).unwrap()), "{key}");
    }
}

#[test]
fn the_prefix_of_data_parallel_is_one_line_of_code() {
    let state = state(5).add_prefix("module.").unwrap();
    assert_eq!(
        page(&state),
        "error(s) in loading state_dict for Transformer: 0 of the model's 147 keys match, 147 of the state dict's are not \
         used\n  every key starts with `module.` (saved from a `DataParallel` or `DistributedDataParallel` model): load with \
         `LoadOptions::new().strip_prefix(\"module.\")`
  Missing key(s) in state_dict:
    \"embed.weight\" [10, 4]
    \"layers.{0..11}.attn.qkv.weight\" [12, 4]
    \"layers.{0..11}.attn.qkv.bias\" [12]
    ... and 122 more
  Unexpected key(s) in state_dict:
    \"module.embed.weight\"
    \"module.layers.{0..11}.attn.qkv.weight\"
    \"module.layers.{0..11}.attn.qkv.bias\"
    ... and 122 more"
    );
    loads(&state, &LoadOptions::new().strip_prefix("module."));
}

#[test]
fn a_head_of_another_size_is_left_out_by_one_line_of_code() {
    assert_eq!(
        page(&state(1000)),
        "error(s) in loading state_dict for Transformer: 145 of the model's 147 keys match\n  `head.weight` and 1 more have \
         another shape: to keep the model's own values below `head`, load with `LoadOptions::new().except(\"head\")` and start \
         from `init(device)`
  Size or dtype mismatch:
    head.weight, expected: [5, 4], got: [1000, 4]
    head.bias, expected: [5], got: [1000]"
    );
    let start = Transformer::new(5).init(Cpu).unwrap();
    let (_, report) = start.load_state_dict_with(&state(1000), Cpu, &LoadOptions::new().except("head")).unwrap();
    assert_eq!((report.loaded, report.left_out.len()), (KEYS - 2, 2));
}

#[test]
fn a_prefix_and_a_head_of_another_size_are_told_together() {
    let state = state(1000).add_prefix("module.").unwrap();
    let text = page(&state);
    let hint = "`LoadOptions::new().strip_prefix(\"module.\")`, which matches 145 of the 147 missing keys; then `head.weight` \
                and 1 more have another shape: to keep the model's own values below `head`, add `.except(\"head\")` and start \
                from `init(device)`";
    assert!(text.contains(hint), "{text}");
    let options = LoadOptions::new().strip_prefix("module.").except("head");
    let start = Transformer::new(5).init(Cpu).unwrap();
    assert_eq!(start.load_state_dict_with(&state, Cpu, &options).unwrap().1.loaded, KEYS - 2);
}

#[test]
fn gamma_and_beta_are_two_renames_and_never_crossed() {
    let old = |key: &str| match key.contains("norm") {
        true => key.replace(".weight", ".gamma").replace(".bias", ".beta"),
        false => key.to_owned(),
    };
    let state = state(5).rename(old).unwrap();
    assert_eq!(
        page(&state),
        "error(s) in loading state_dict for Transformer: 99 of the model's 147 keys match, 48 of the state dict's are not \
         used\n  `weight` is called `gamma` in the state dict; `bias` is called `beta` in the state dict: load with \
         `LoadOptions::new().rename_regex(r\"\\.gamma$\", \".weight\")?.rename_regex(r\"\\.beta$\", \".bias\")?`
  Missing key(s) in state_dict:
    \"layers.{0..11}.norm1.weight\" [4]
    \"layers.{0..11}.norm1.bias\" [4]
    \"layers.{0..11}.norm2.weight\" [4]
    ... and 12 more
  Unexpected key(s) in state_dict:
    \"layers.{0..11}.norm1.gamma\"
    \"layers.{0..11}.norm1.beta\"
    \"layers.{0..11}.norm2.gamma\"
    ... and 12 more"
    );
    let options = LoadOptions::new();
    let options = options.rename_regex(r"\.gamma$", ".weight").unwrap().rename_regex(r"\.beta$", ".bias").unwrap();
    loads(&state, &options);
}

#[test]
fn the_kernels_of_other_frameworks_are_renamed_and_said_to_be_transposed() {
    let is_kernel = |key: &str| key.contains("fc") && key.ends_with(".weight");
    let state = state(5).rename(move |key| if is_kernel(key) { key.replace(".weight", ".kernel") } else { key.into() });
    let text = page(&state.unwrap());
    assert!(text.contains("`LoadOptions::new().rename_regex(r\"\\.kernel$\", \".weight\")?`\n"), "{text}");

    // As they are saved by JAX and TensorFlow: inputs first.
    #[derive(Module, Debug)]
    struct Dense<D: Device> {
        #[module(with = model_runtime::with::transposed)]
        dense: Linear<D>,
        out: Linear<D>,
    }
    let other = Dense { dense: Linear::new(4, 8), out: Linear::new(8, 2) }.init(Cpu).unwrap().state_dict().unwrap();
    let other = other.rename(|key| key.replace("dense.weight", "dense.kernel")).unwrap();
    #[derive(Module, Debug)]
    struct Plain<D: Device> {
        dense: Linear<D>,
        out: Linear<D>,
    }
    let plain = Plain { dense: Linear::new(4, 8), out: Linear::new(8, 2) };
    let text = plain.load_state_dict(&other, Cpu).unwrap_err().to_string();
    let says = "; then `dense.weight` is transposed in the state dict: write `#[module(with = with::transposed)]`";
    assert!(text.contains("`weight` is called `kernel`") && text.contains(says), "{text}");
}

#[test]
fn layers_that_are_counted_from_one_are_renumbered() {
    let shifted = |key: &str| match key.strip_prefix("layers.").and_then(|rest| rest.split_once('.')) {
        Some((number, rest)) => format!("layers.{}.{rest}", number.parse::<u32>().unwrap() + 1),
        None => key.to_owned(),
    };
    let state = state(5).rename(shifted).unwrap();
    let text = page(&state);
    let hint = "the numbers below `layers` are 1 higher in the state dict: load with `LoadOptions::new().renumber(\"layers\", \
                -1)`\n";
    assert!(text.contains(hint), "{text}");
    assert!(text.contains("\"layers.0.attn.qkv.weight\" [12, 4]"), "{text}");
    assert!(text.contains("\"layers.12.attn.qkv.weight\""), "{text}");
    loads(&state, &LoadOptions::new().renumber("layers", -1));
}

#[test]
fn other_names_at_the_root_and_on_the_way_are_chained() {
    let other = |key: &str| key.replace("layers.", "transformer.h.").replace(".attn.", ".self_attention.");
    let state = state(5).rename(other).unwrap();
    let text = page(&state);
    let code = "`LoadOptions::new().rename(\"transformer.h\", \"layers\").rename_regex(r\"\\.self_attention\\.\", \".attn.\")?`";
    assert!(text.contains(code), "{text}");
    let options = LoadOptions::new().rename("transformer.h", "layers");
    loads(&state, &options.rename_regex(r"\.self_attention\.", ".attn.").unwrap());
}

#[test]
fn what_the_rule_does_not_explain_comes_first_with_its_nearest_name() {
    let state = state(5).rename(|key| key.replace("embed.weight", "embde.weight")).unwrap();
    let state = state.add_prefix("module.").unwrap();
    let text = page(&state);
    let says = "which matches 146 of the 147 missing keys
  Missing key(s) in state_dict:
    \"embed.weight\" [10, 4], did you mean \"module.embde.weight\"?
    \"layers.{0..11}.attn.qkv.weight\" [12, 4]";
    assert!(text.contains("strip_prefix(\"module.\")") && text.contains(says), "{text}");
}

#[test]
fn nearest_names_of_many_layers_are_one_line() {
    // More is missing than a rename could explain.
    let state = state(5).rename(|key| key.replace("fc1.weight", "fcl.wieght")).unwrap();
    let text = page(&state.filter(|key| !key.contains("attn")));
    let line = "\"layers.{0..11}.fc1.weight\" [8, 4], did you mean \"layers.{0..11}.fcl.wieght\"?";
    assert!(text.contains(line), "{text}");
}

#[test]
fn the_file_of_another_model_is_a_page_too() {
    let other = model_runtime::state_dict::StateDict::default();
    let mut all = other;
    for index in 0..200 {
        let part = Linear::new(3, index + 1).init(Cpu).unwrap().state_dict().unwrap();
        all = all.merge(&part.add_prefix(&format!("unet.block{index}.x{}y", index * 7)).unwrap()).unwrap();
    }
    let text = page(&all);
    assert!(text.contains("... and") && text.contains("0 of the model's 147 keys match, 400 of"), "{text}");
}

#[test]
fn keys_that_no_person_chose_do_not_break_the_page() {
    let long = "x".repeat(1 << 16);
    let one = |key: String| Linear::new(3, 3).init(Cpu).unwrap().state_dict().unwrap().add_prefix(&key).unwrap();
    let mut all = one("a\nb\u{1b}[31m".to_owned());
    for index in 0..20 {
        all = all.merge(&one(format!("{long}{index}"))).unwrap();
    }
    let text = page(&all);
    assert!(text.contains(r#""a\nb\u{1b}[31m.weight""#) && text.contains("xxx...\""), "{text}");
    assert!(text.len() < 8000 && !text.contains('\u{1b}'), "{}", text.len());
}

#[test]
fn a_report_of_a_load_that_is_not_strict_is_a_page_too() {
    let start = Transformer::new(5).init(Cpu).unwrap().to_dtype(DType::F64).unwrap().state_dict().unwrap();
    let file = start.filter(|key| !key.contains("fc1")).rename(|key| key.replace("norm1", "other")).unwrap();
    let net = Transformer::new(5).init(Cpu).unwrap();
    let options = LoadOptions::new().strict(false).except("head");
    let (_, report) = net.load_state_dict_with(&file, Cpu, &options).unwrap();
    let text = report.to_string();
    assert!(text.lines().count() <= 40, "{text}");
    for line in [
        "97 of 147 keys of Transformer loaded",
        "\n    \"layers.{0..11}.fc1.weight\" [8, 4]\n",
        "\n    \"layers.{0..11}.other.weight\"\n",
        "\n  Left out by the options:\n    head.weight\n    head.bias\n",
        "\n    layers.{0..11}.attn.qkv.weight: float64 to f32\n",
    ] {
        assert!(text.contains(line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn a_part_that_only_one_side_has_is_left_out_by_one_line_of_code() {
    let head = Linear::new(3, 3).init(Cpu).unwrap().state_dict().unwrap().add_prefix("module.cls.seq").unwrap();
    let more = state(5).add_prefix("module.").unwrap().merge(&head).unwrap();
    let text = page(&more);
    let hint = "load with `LoadOptions::new().strip_prefix(\"module.\")`; then the model has nothing below `cls.seq`: to ignore \
                what the state dict has there, add `.except(\"cls.seq\")`\n";
    assert!(text.contains(hint), "{text}");
    loads(&more, &LoadOptions::new().strip_prefix("module.").except("cls.seq"));

    let less = state(5).filter(|key| !key.starts_with("head"));
    let hint = "the state dict has nothing below `head`: to keep the model's own values there, load with \
                `LoadOptions::new().except(\"head\")` and start from `init(device)`\n";
    assert!(page(&less).contains(hint), "{}", page(&less));
    // Not where the model would be left without a key that it has.
    let one = state(5).filter(|key| key != "head.bias");
    assert!(!page(&one).contains("except"), "{}", page(&one));
}
