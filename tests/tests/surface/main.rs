//! Candle's public operations on tensors, each of which this crate has too or leaves out for a written reason.
//!
//! Both sides are read from their sources, so that a release of candle with one more method fails here.

mod crates;
mod excused;
mod expand;
mod public;
mod traits;

use std::collections::BTreeSet;

use public::Public;

/// The modules of `candle_nn` whose functions and types are operations on tensors.
const MODULES: &[&str] =
    &["attention", "cpu_flash_attention", "encoding", "kv_cache", "loss", "ops", "rotary_emb", "sampling"];

/// Every operation of candle on tensors: the name, and where in candle it is.
fn candle() -> BTreeSet<String> {
    let core = Public::of(&crates::candle("candle-core"), |_| true);
    let nn = Public::of(&crates::candle("candle-nn"), |module| MODULES.contains(&module));
    let methods = core.methods.into_iter().filter(|method| method.starts_with("Tensor::"));
    methods.chain(nn.functions).chain(nn.methods).collect()
}

/// What `model_runtime::tensor` has: methods by type, and functions.
fn ours() -> Public {
    Public::of(&crates::ours().join("tensor"), |_| true)
}

/// Whether `ours` has an operation, as candle names it: a function of candle may be a method here.
fn is_covered(ours: &Public, operation: &str) -> bool {
    ours.methods.contains(operation)
        || ours.functions.contains(operation)
        || ours.methods.contains(&format!("Tensor::{operation}"))
}

/// Whether an excuse is for this operation; `Type::*` is for all methods of a type.
fn is_about(excuse: &str, operation: &str) -> bool {
    match excuse.strip_suffix('*') {
        Some(prefix) => operation.starts_with(prefix),
        None => operation == excuse,
    }
}

#[test]
fn every_operation_of_candle_is_covered_or_excused() {
    let (candle, ours) = (candle(), ours());
    let is_excused = |operation: &str| excused::OPERATIONS.iter().any(|(excuse, _)| is_about(excuse, operation));
    let missing: Vec<_> = candle.iter().filter(|name| !is_covered(&ours, name) && !is_excused(name)).collect();
    assert!(missing.is_empty(), "wrap these in `model_runtime::tensor`, or excuse them with a reason: {missing:#?}");
}

#[test]
fn an_excuse_is_for_an_operation_that_candle_has_and_that_is_not_covered() {
    let (candle, ours) = (candle(), ours());
    for (name, reason) in excused::OPERATIONS {
        let about: Vec<_> = candle.iter().filter(|operation| is_about(name, operation)).collect();
        assert!(!about.is_empty(), "candle has no `{name}`: remove its excuse");
        let covered: Vec<_> = about.into_iter().filter(|operation| is_covered(&ours, operation)).collect();
        assert!(covered.is_empty(), "{covered:?} are covered: remove the excuse of `{name}`");
        assert!(reason.split_whitespace().count() > 3, "`{name}` needs a reason, got: {reason}");
    }
    let names: BTreeSet<_> = excused::OPERATIONS.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), excused::OPERATIONS.len(), "an operation is excused twice");
}

#[test]
fn only_the_checked_doors_take_a_tensor_without_a_tag() {
    let doors = ["Tensor::map_candle", "Tensor::try_from_candle"].map(str::to_owned);
    assert_eq!(ours().untyped, BTreeSet::from(doors));
}

#[test]
fn every_module_of_candle_nn_is_compared_or_excused() {
    let modules = crates::modules(&crates::candle("candle-nn"));
    let excused: BTreeSet<_> = excused::MODULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let compared: BTreeSet<_> = MODULES.iter().map(|name| (*name).to_owned()).collect();
    let known: BTreeSet<_> = excused.union(&compared).cloned().collect();
    assert_eq!(modules, known, "left: the modules of candle_nn, right: those compared or excused");
    assert!(excused.is_disjoint(&compared), "a module is compared and excused");
}

#[test]
fn every_trait_of_candles_tensor_is_covered_or_excused() {
    let candle = Public::of(&crates::candle("candle-core"), |_| true).traits;
    let known: BTreeSet<_> = traits::TRAITS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(candle, known, "left: the impls for candle's tensor, right: those in `traits.rs`");
}

#[test]
fn the_traits_that_are_covered_work_as_candles() {
    for (name, coverage) in traits::TRAITS {
        match coverage {
            traits::Coverage::Covered(check) => check().unwrap_or_else(|error| panic!("{name}: {error}")),
            traits::Coverage::Excused(reason) => assert!(reason.split_whitespace().count() > 3, "{name}: {reason}"),
        }
    }
}

/// Sources that moved, or macros that are no longer understood, would leave nothing to compare.
#[test]
fn the_sources_were_found_and_understood() {
    let (candle, ours) = (candle(), ours());
    let methods = candle.iter().filter(|name| name.starts_with("Tensor::")).count();
    assert!(methods > 200, "candle's tensor has {methods} methods");
    assert!(candle.len() - methods > 100, "candle_nn has {} operations", candle.len() - methods);
    assert!(ours.methods.len() > 300, "this crate has {} methods", ours.methods.len());
    // One of each way to define a method: plain, by a macro in an impl, by a macro around an impl, under a `cfg`.
    for name in ["Tensor::reshape", "Tensor::broadcast_add", "Tensor::exp", "Tensor::dims4", "softmax", "nll"] {
        assert!(candle.contains(name), "{name} was not found in candle");
        assert!(is_covered(&ours, name), "{name} was not found in this crate");
    }
}
