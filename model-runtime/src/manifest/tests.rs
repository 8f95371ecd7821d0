//! The text of a manifest, read by the two readers, and the check that runs while a program compiles, run here.

use super::compile::check;
use super::*;
use crate::device::Meta;
use crate::module::keys::{Keys, Part};
use crate::nn::{LayerNorm, Linear, Sequential};

const LINEAR: Keys = <Linear<Meta> as Module>::KEYS;
const NET: Keys = Keys::Parts(&[
    Part { names: &["fc1"], keys: LINEAR },
    Part { names: &["layers"], keys: Keys::Indexed(&LINEAR) },
    Part { names: &["head"], keys: Keys::Optional(&LINEAR) },
]);

/// What the check says about keys, with a dtype and a shape after each.
fn message(keys: &Keys, names: &[&str]) -> Option<String> {
    let lines: String = names.iter().map(|name| format!("{name} float32 [2]\n")).collect();
    said(keys, &format!("# Of a file.\n{HEADER}\n\n{lines}"))
}

fn said(keys: &Keys, text: &str) -> Option<String> {
    assert!(text.len() < 1022);
    check::<1024>(["Net", "net.manifest"], text, &[], keys).get().map(str::to_owned)
}

#[test]
fn what_fits_says_nothing() {
    assert_eq!(message(&NET, &["fc1.weight", "fc1.bias"]), None);
    assert_eq!(
        message(&NET, &["fc1.weight", "layers.0.weight", "layers.1.weight", "layers.0.bias", "head.weight"]),
        None
    );
}

#[test]
fn a_renamed_key_names_the_key_and_the_field() {
    let expected = "`fc1.bais` is in the checkpoint, but no field of `Net` claims it; nearest: `fc1.bias`, which the \
                    checkpoint lacks";
    assert_eq!(message(&NET, &["fc1.weight", "fc1.bais"]).as_deref(), Some(expected));
    let expected = "`fc1.wieght` is in the checkpoint, but no field of `Net` claims it; nearest: `fc1.weight`, which the \
                    checkpoint lacks";
    let said = message(&NET, &["fc1.wieght"]).expect("it differs");
    assert_eq!(said, format!("`Net` does not fit `net.manifest`:\n  {expected}"));
}

#[test]
fn a_missing_field_is_named() {
    let expected = "`fc1.weight` is a field of `Net`, but the checkpoint lacks it";
    assert_eq!(message(&NET, &["fc1.bias"]).as_deref(), Some(expected));
    assert_eq!(
        message(&NET, &["fc1.weight", "head.bias"]).as_deref(),
        Some("`head.weight` is a field of `Net`, but the checkpoint lacks it"),
    );
}

#[test]
fn a_layer_that_is_missing_as_a_whole_is_named_though_each_of_its_tensors_is_optional() {
    const NORM: Keys = <LayerNorm<Meta> as Module>::KEYS;
    const BLOCK: Keys = Keys::Parts(&[Part { names: &["fc"], keys: LINEAR }, Part { names: &["norm"], keys: NORM }]);
    assert_eq!(
        message(&BLOCK, &["fc.weight", "fc.bias"]).as_deref(),
        Some("`norm` is a field of `Net`, but the checkpoint lacks it"),
    );
    assert_eq!(message(&BLOCK, &["fc.weight", "norm.weight"]), None);
    const DEFAULT: Keys = Keys::Parts(&[Part { names: &["norm"], keys: Keys::Lenient(&NORM) }]);
    assert_eq!(message(&DEFAULT, &[]), None);
}

#[test]
fn enums_in_enums_are_each_looked_at_once() {
    const fn nested(inner: &'static [(&'static str, Keys)]) -> Keys {
        Keys::OneOf(inner)
    }
    macro_rules! deep {
        ($keys:expr;) => { $keys };
        ($keys:expr; $level:tt $($rest:tt)*) => {
            deep!(nested(const { &[("A", $keys), ("B", Keys::Leaf), ("C", Keys::None)] }); $($rest)*)
        };
    }
    const DEEP: Keys = deep!(LINEAR; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29);
    assert_eq!(message(&DEEP, &["weight", "bias"]), None);
}

#[test]
fn a_gap_in_a_vec_is_missing_and_its_names_are_numbers() {
    let said = message(&NET, &["fc1.weight", "layers.0.weight", "layers.2.weight"]).expect("it differs");
    assert_eq!(said, "`layers.1.weight` is a field of `Net`, but the checkpoint lacks it");
    for name in
        ["layers.00.weight", "layers.x.weight", "layers..weight", "layers.4294967296.weight", "layers.+1.weight"]
    {
        let said = message(&NET, &["fc1.weight", name]).expect("it differs");
        assert!(said.starts_with(&format!("`{name}` is in the checkpoint, but no field")), "{said}");
    }
}

#[test]
fn a_huge_index_does_not_take_forever() {
    let said = message(&NET, &["fc1.weight", "layers.999999999.weight"]).expect("it differs");
    assert!(said.contains("`layers.0.weight` is a field"), "{said}");
}

#[test]
fn arrays_tuples_and_maps_have_their_own_names() {
    let array = Keys::Array(&Keys::Leaf, 2);
    assert_eq!(message(&array, &["0", "1"]), None);
    assert_eq!(message(&array, &["0"]).as_deref(), Some("`1` is a field of `Net`, but the checkpoint lacks it"));
    assert!(message(&array, &["0", "1", "2"]).expect("it differs").starts_with("`2` is in the checkpoint"));
    let tuple = <Sequential<(Linear<Meta>, usize, Linear<Meta>)> as Module>::KEYS;
    assert_eq!(message(&tuple, &["0.weight", "2.weight", "2.bias"]), None);
    assert!(message(&tuple, &["0.weight", "1.weight", "2.weight"]).expect("it differs").starts_with("`1.weight`"));
    let map = Keys::Named(&LINEAR);
    assert_eq!(message(&map, &["de.weight", "en.weight", r"a\u{20}b.weight"]), None);
    let said = message(&map, &["de.weight", "en.wight"]).expect("it differs");
    assert!(said.contains("nearest: `en.weight`, which the checkpoint lacks"), "{said}");
}

#[test]
fn an_enum_is_the_variant_that_fits_best() {
    const TWO: Keys =
        Keys::Parts(&[Part { names: &["a"], keys: Keys::Leaf }, Part { names: &["b"], keys: Keys::Leaf }]);
    let keys = Keys::OneOf(const { &[("Linear", LINEAR), ("Two", TWO), ("Nothing", Keys::None)] });
    assert_eq!(message(&keys, &[]), None);
    assert_eq!(message(&keys, &["weight"]), None);
    assert_eq!(message(&keys, &["a", "b"]), None);
    let lacks_b = "`b` is a field of `Net`, but the checkpoint lacks it\n  the enum was compared as its variant `Two`, which \
                   fits best of `Linear`, `Two`, `Nothing`";
    assert_eq!(message(&keys, &["a"]).as_deref(), Some(lacks_b));
    let keys = Keys::Parts(const { &[Part { names: &["n"], keys: Keys::OneOf(&[("Linear", LINEAR), ("Two", TWO)]) }] });
    let said = message(&keys, &["n.weight", "n.a"]).expect("it differs");
    assert!(
        said.ends_with("\n  `n` was compared as its variant `Linear`, which fits best of `Linear`, `Two`"),
        "{said}"
    );
}

#[test]
fn a_recurrent_layer_has_numbered_names() {
    const LSTM: Keys = <crate::nn::LSTM<Meta> as Module>::KEYS;
    assert_eq!(message(&LSTM, &["weight_ih_l0", "weight_hh_l0"]), None);
    let biases = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"];
    assert_eq!(message(&LSTM, &biases), None);
    let two_directions = ["weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse"];
    assert_eq!(message(&LSTM, &two_directions), None);
    let projected = ["weight_ih_l0", "weight_hh_l0", "weight_hr_l0", "weight_ih_l1", "weight_hh_l1", "weight_hr_l1"];
    assert_eq!(message(&LSTM, &projected), None);

    let lacks = |name: &str| Some(format!("`{name}` is a field of `Net`, but the checkpoint lacks it"));
    assert_eq!(message(&LSTM, &biases[..3]), lacks("bias_hh_l0"));
    assert_eq!(message(&LSTM, &two_directions[..3]), lacks("weight_hh_l0_reverse"));
    assert_eq!(message(&LSTM, &projected[..5]), lacks("weight_hr_l1"));
    let said = message(&LSTM, &[]).expect("it differs");
    assert!(said.contains("`weight_ih_l0` is a field") && said.contains("`weight_hh_l0` is a field"), "{said}");
    for name in ["weight_ih_l01", "weight_ih_l", "weight_ih_l0_", "weight_ih_l999999999", "weight_xh_l0", "weight_ih"] {
        let said = message(&LSTM, &["weight_ih_l0", "weight_hh_l0", name]).expect("it differs");
        assert!(said.starts_with(&format!("`{name}` is in the checkpoint, but no field")), "{said}");
    }
}

#[test]
fn what_a_converter_makes_is_not_compared_and_the_rest_is() {
    let keys = Keys::Parts(&[Part { names: &["c_attn"], keys: Keys::Any }, Part { names: &["fc"], keys: LINEAR }]);
    assert_eq!(message(&keys, &["c_attn.x.y", "c_attn.z", "fc.weight"]), None);
    let said = message(&keys, &["c_attn.x.y", "c_atn.z", "fc.weight"]).expect("it differs");
    assert_eq!(said, "`c_atn.z` is in the checkpoint, but no field of `Net` claims it");
    let said = message(&keys, &["c_attn.x.y"]).expect("it differs");
    assert_eq!(said, "`fc.weight` is a field of `Net`, but the checkpoint lacks it");
}

#[test]
fn an_impl_by_hand_says_what_to_write() {
    let keys =
        Keys::Parts(&[Part { names: &["fc"], keys: LINEAR }, Part { names: &["own"], keys: Keys::HAND_WRITTEN }]);
    let said = message(&keys, &["fc.weight"]).expect("it cannot be compared");
    let expected = "`Net` cannot be compared with a manifest while it compiles, because of `own`: its `impl Module` is \
                    written by hand; write `#[derive(Module)]` on the type, or remove `manifest`: `load_state_dict` checks \
                    all keys when it runs";
    assert_eq!(said, expected);
}

#[test]
fn flattened_parts_aliases_and_lenient_fields() {
    let keys = Keys::Parts(&[
        Part { names: &["gamma", "old_gamma"], keys: Keys::Leaf },
        Part { names: &[], keys: Keys::Optional(&LINEAR) },
        Part { names: &["scale"], keys: Keys::Lenient(&Keys::Parts(&[Part { names: &["x"], keys: Keys::Leaf }])) },
    ]);
    assert_eq!(message(&keys, &["gamma"]), None);
    assert_eq!(message(&keys, &["old_gamma", "weight", "bias", "scale.x"]), None);
    let said = message(&keys, &["gamma", "bias"]).expect("it differs");
    assert_eq!(said, "`weight` is a field of `Net`, but the checkpoint lacks it");
    let said = message(&keys, &["gamma", "old_gamma"]).expect("it differs");
    assert_eq!(said, "`old_gamma` is in the checkpoint, but no field of `Net` claims it");
}

#[test]
fn a_prefix_of_all_keys_is_said_once() {
    let expected = "every key of the checkpoint starts with `module.net.`: make the manifest from \
                    `state.strip_prefix(\"module.net.\")?`";
    assert_eq!(message(&NET, &["module.net.fc1.weight", "module.net.fc1.bias"]).as_deref(), Some(expected));
}

#[test]
fn many_mistakes_are_a_list_that_ends() {
    let names: Vec<_> = (0..30).map(|index| format!("other_{index}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let said = message(&Keys::Array(&Keys::Leaf, 12), &names).expect("it differs");
    assert!(said.contains("\n  ... and 20 more of the checkpoint's keys\n"), "{said}");
    assert!(said.ends_with("\n  ... and 2 more of the struct's fields"), "{said}");
}

#[test]
fn a_type_that_nobody_knows_is_named() {
    let keys = Keys::Parts(&[Part { names: &["next"], keys: Keys::Optional(&Keys::RECURSIVE) }]);
    let said = message(&keys, &["next.weight"]).expect("it cannot be compared");
    assert!(said.contains("because of `next`: its type contains itself"), "{said}");
}

#[test]
fn a_name_that_is_escaped_is_that_of_the_field() {
    let keys = Keys::Parts(&[Part { names: &["größe 1\\"], keys: Keys::Leaf }]);
    assert_eq!(message(&keys, &[r"größe\u{20}1\\"]), None);
    assert!(message(&keys, &[r"größe\u{21}1\\"]).is_some());
}

#[test]
fn both_readers_refuse_the_same_texts() {
    let texts = [
        ("", 1),
        ("manifest 2\n", 1),
        ("# comment\n\nfc1.weight float32 [2]\n", 3),
        ("manifest 1\nfc1.weight\n", 2),
        ("manifest 1\nfc1.weight \n", 2),
        ("manifest 1\n fc1.weight float32 [2]\n", 2),
        ("manifest 1\nfc1.weight float32 2\n", 2),
        ("manifest 1\n\nfc1.weight float32 [2\n", 3),
        ("manifest 1\nfc1.weight float32 [2] x\n", 2),
        ("manifest 1\nfc1.weight float32 [2]\nfc1.weight float32 [2]\n", 3),
        ("manifest 1\nfc1.weight\u{a0}float32 [2]\n", 2),
    ];
    for (text, line) in texts {
        let error = Manifest::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(&format!("line {line} of the manifest, expected: ")), "{text:?}: {error}");
        let said = said(&NET, text).expect(text);
        assert!(said.starts_with("`net.manifest`"), "{text:?}: {said}");
    }
}

#[test]
fn line_ends_of_windows_and_a_missing_last_one_are_read() {
    let text = "# comment\r\nmanifest 1\r\n\r\nfc1.weight float32 [2, 3]\r\nfc1.bias int64 []";
    let manifest = Manifest::parse(text).expect("it is a manifest");
    assert_eq!(manifest.get("fc1.weight"), Some(&Described::Tensor(ScalarType::Float32, vec![2, 3])));
    assert_eq!(manifest.get("fc1.bias"), Some(&Described::Tensor(ScalarType::Int64, vec![])));
    assert_eq!(said(&NET, text), None);
}

#[test]
fn what_is_written_is_read_back() {
    let entries = [
        ("a b", Described::Tensor(ScalarType::BFloat16, vec![0, usize::MAX])),
        ("", Described::Unreadable),
        ("#.extra\n", Described::Other),
    ];
    let entries = entries.map(|(key, described)| (key.to_owned(), described)).into_iter().collect();
    let manifest = Manifest { entries, source: Some("a\nb.pt".to_owned()) };
    let text = manifest.to_string();
    assert!(text.starts_with("# The keys, dtypes and shapes of `a b.pt`.\nmanifest 1\n"), "{text}");
    assert_eq!(Manifest::parse(&text).expect("it is a manifest").entries, manifest.entries);
    let no_dtype = Manifest::parse("manifest 1\nx float99 [2]\n").expect_err("no such dtype").to_string();
    assert_eq!(no_dtype, "line 2 of the manifest, expected: a dtype of PyTorch and a shape, got: `x float99 [2]`");
    assert!(Manifest::parse("manifest 1\nx float32 [99999999999999999999999]\n").is_err());
}
