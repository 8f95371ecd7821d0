//! What `with` and `flatten` cannot do is refused by every operation, and a manifest is compared as a load compares.

use model_runtime::Manifest;
use model_runtime::prelude::*;
use model_runtime::with;

use super::load_error;

/// A struct of one field with a converter that the field has nothing for.
macro_rules! nothing_to_convert {
    ($with:path, $layer:ident, $value:expr) => {{
        #[derive(Module, Debug)]
        struct Net<D: Device> {
            #[module(with = $with)]
            part: $layer<D>,
        }
        let net = Net { part: $value };
        let reason = net.init(Cpu).unwrap_err().to_string();
        assert_eq!(load_error(&net, &StateDict::default()), reason);
        let by_hand = Net { part: $value.init(Cpu).unwrap() };
        assert_eq!(by_hand.state_dict().unwrap_err().to_string(), reason);
        reason
    }};
}

#[test]
fn a_converter_that_fits_nothing_names_the_field_and_what_it_needs() {
    let error = nothing_to_convert!(with::weight_norm, LayerNorm, LayerNorm::new(2));
    assert!(error.starts_with("part: no tensor below the field is called `weight`"), "{error}");
    let error = nothing_to_convert!(with::parametrized_weight_norm, LayerNorm, LayerNorm::new(2));
    assert!(error.contains("two or more dimensions"), "{error}");
    let error = nothing_to_convert!(with::transposed, Conv2d, Conv2d::new(1, 1, 2));
    assert!(error.starts_with("part: no tensor below the field is called `weight` and has two dimensions"), "{error}");
    let error = nothing_to_convert!(with::fused, Linear, Linear::new(2, 2));
    assert!(error.starts_with("part: ") && error.contains("`q.weight`, `k.weight` and `v.weight`"), "{error}");
    let error = nothing_to_convert!(with::in_proj, Linear, Linear::new(2, 2));
    assert!(error.contains("`q.weight`"), "{error}");
}

#[derive(Module, Debug)]
struct Tied<D: Device> {
    #[module(with = with::transposed)]
    a: Linear<D>,
    #[module(tied = "a")]
    b: Linear<D>,
}

#[test]
fn what_cannot_be_loaded_cannot_be_initialised_or_saved() {
    let net = Tied { a: Linear::new(2, 3), b: Linear::new(2, 3) };
    let reason = load_error(&net, &StateDict::default());
    assert!(reason.contains("cannot be tied"), "{reason}");
    assert_eq!(net.init(Cpu).unwrap_err().to_string(), reason);
    let a = Linear::new(2, 3).init(Cpu).unwrap();
    let by_hand = Tied { b: a.clone(), a };
    assert_eq!(by_hand.state_dict().unwrap_err().to_string(), reason);
}

#[derive(Module, Debug)]
struct Turned<D: Device> {
    #[module(with = with::transposed)]
    fc: Linear<D>,
}

#[test]
fn a_manifest_is_checked_as_the_dict_is_loaded() {
    let net = Turned { fc: Linear::new(2, 3) };
    let state = net.init(Cpu).unwrap().state_dict().unwrap();
    let report = state.manifest().check(&net).unwrap();
    assert!(report.is_complete(), "{report}");
    let untransposed: Manifest = "manifest 1\nfc.weight float32 [3, 2]\nfc.bias float32 [3]\n".parse().unwrap();
    let report = untransposed.check(&net).unwrap();
    assert_eq!((report.mismatched[0].expected.as_str(), report.mismatched[0].got.as_str()), ("[2, 3]", "[3, 2]"));
}

#[test]
fn two_tensors_of_one_key_are_refused_by_a_manifest_too() {
    #[derive(Module, Debug)]
    struct Twice<D: Device> {
        #[module(flatten)]
        a: Linear<D>,
        #[module(flatten)]
        b: Linear<D>,
    }
    let net = Twice { a: Linear::new(2, 2), b: Linear::new(2, 2) };
    let error = load_error(&net, &StateDict::default());
    assert!(
        error.starts_with("weight: two tensors of the model have this key") && error.contains("`flatten`"),
        "{error}"
    );
    assert_eq!(StateDict::default().manifest().check(&net).unwrap_err().to_string(), error);
}

#[test]
fn a_declared_model_is_told_to_have_values_before_it_is_trained() {
    let error = Linear::new(2, 2).parameters().unwrap_err().to_string();
    assert!(error.contains("only declared") && error.contains("init(device)"), "{error}");
}

#[test]
fn a_flattened_tensor_has_no_key() {
    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        #[module(flatten)]
        scale: Param<D>,
    }
    #[derive(Module, Debug)]
    struct Outer<D: Device> {
        inner: Scale<D>,
    }
    let scale = || Scale { scale: Param::new(2, init::ONE) };
    let error = scale().init(Cpu).unwrap_err().to_string();
    assert!(error.contains("`#[module(flatten)]` that is a tensor") && error.contains("remove `flatten`"), "{error}");
    let error = Outer { inner: scale() }.init(Cpu).unwrap_err().to_string();
    assert!(error.starts_with("inner: a field with `#[module(flatten)]`"), "{error}");
    let by_hand = Scale { scale: Param::from_tensor(Tensor::full(1f32, 2, Cpu).unwrap()) };
    assert!(by_hand.state_dict().unwrap_err().to_string().contains("flatten"));
    assert!(load_error(&Outer { inner: scale() }, &StateDict::default()).contains("remove `flatten`"));
}
