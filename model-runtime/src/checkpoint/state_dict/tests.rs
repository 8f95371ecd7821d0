//! Trees made by hand: where the state dict is found, and what is made of its entries.

use super::*;
use crate::checkpoint::limits::Limits;
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::{NewStorage, Storage, StorageView};
use crate::checkpoint::tensor::Layout;

fn tensor() -> Value {
    let source = Arc::new(Source::memory(vec![0; 8], Limits::default()));
    let (key, location, class) = ("0".into(), "cpu".into(), StorageClass::Typed(ScalarType::Float32));
    let storage = Storage::new(NewStorage { id: 0, key, location, class, nbytes: 8, big_endian: false, source });
    let layout = Layout { dtype: ScalarType::Float32, shape: vec![2], strides: vec![1], offset: 0 };
    Value::Tensor(Arc::new(TensorInfo::new(layout, &StorageView::whole(Arc::new(storage), class), false).unwrap()))
}

fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
    pairs(entries.map(|(key, value)| (Value::Str(key.into()), value)).into())
}

fn pairs(entries: Vec<(Value, Value)>) -> Value {
    Value::Dict(Arc::new(Dict::from_entries(entries).unwrap()))
}

fn object(global: &str, args: Value, state: Value) -> Value {
    let mut object = Opaque::class(global.into());
    (object.args, object.state) = (args, state);
    Value::Opaque(Arc::new(object))
}

fn tuple(items: Vec<Value>) -> Value {
    Value::Tuple(Arc::new(items.into()))
}

fn found(root: &Value) -> RawStateDict {
    find(root, Format::TorchZip).unwrap()
}

fn refused(root: &Value) -> String {
    find(root, Format::TorchZip).unwrap_err().to_string()
}

fn optimizer() -> Value {
    let state = pairs(vec![(Value::Int(0), dict([("exp_avg", tensor()), ("step", tensor())]))]);
    dict([("state", state), ("param_groups", Value::List(Arc::default()))])
}

#[test]
fn a_general_checkpoint_has_one_state_dict() {
    let net = dict([("fc.weight", tensor()), ("fc.bias", tensor())]);
    let root = dict([("epoch", Value::Int(3)), ("rng", tensor()), ("net", net.clone()), ("optimizer", optimizer())]);
    assert_eq!(found(&root).path, "net");
    assert_eq!(found(&net).path, "");
    let deeper =
        dict([("ema", dict([("shadow", net.clone()), ("decay", Value::Float(0.9))])), ("epoch", Value::Int(1))]);
    assert_eq!(found(&deeper).path, "ema.shadow");
    assert_eq!(found(&dict([("model", net.clone()), ("ema", net)])).path, "model");
}

#[test]
fn two_state_dicts_are_a_question() {
    let net = || dict([("w", tensor())]);
    assert_eq!(
        refused(&dict([("generator", net()), ("discriminator", net())])),
        "there is more than one state dict, got: `generator` (1 entries), `discriminator` (1 entries); \
         choose one with `checkpoint.get(\"generator\")?`"
    );
}

#[test]
fn entries_without_tensors_are_listed_and_extra_state_is_anything() {
    let root =
        dict([("w", tensor()), ("_extra_state", dict([("x", tensor())])), ("b", tensor()), ("version", Value::Int(1))]);
    let state = found(&root);
    assert_eq!(state.entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["w", "b"]);
    assert_eq!(state.other, ["_extra_state", "version"]);
}

#[test]
fn a_tensor_in_an_unknown_object_does_not_vanish() {
    let wrapped = object("my.Wrapper", tuple(vec![tensor()]), Value::None);
    let state = found(&dict([("w", tensor()), ("q", wrapped)]));
    let (key, RawEntry::Unreadable { reason }) = &state.entries[1] else { panic!("{state:?}") };
    assert_eq!(
        (key.as_str(), reason.as_str()),
        ("q", "a tensor inside an object of class `my.Wrapper`, which is not known")
    );
}

#[test]
fn a_whole_module_is_told_from_a_state_dict() {
    let attributes = || dict([("_parameters", dict([("w", tensor())])), ("_modules", dict([]))]);
    let net = || object("nets.Net", tuple(vec![]), attributes());
    let text =
        "holds a whole nn.Module `nets.Net`, not a state dict; load it in Python and save `model.state_dict()` instead";
    assert_eq!(refused(&net()), format!("the file {text}"));
    assert_eq!(refused(&dict([("model", net()), ("epoch", Value::Int(1))])), format!("`model` {text}"));
}

#[test]
fn other_roots_are_described() {
    assert_eq!(refused(&tensor()), "this is no state dict, expected: a dict of tensors, got: tensor(float32, [2])");
    assert!(refused(&dict([("a", Value::Int(1)), ("b", Value::None)])).contains("got: entries `a`, `b`"));
    assert!(refused(&pairs(vec![(Value::Int(0), tensor())])).contains("there is no state dict"));
    assert!(found(&dict([])).entries.is_empty());
}

#[test]
fn versions_come_from_the_metadata() {
    let versions =
        dict([("", dict([("version", Value::Int(1))])), ("bn", dict([("version", Value::Int(2))])), ("x", dict([]))]);
    let Value::Dict(plain) = dict([("w", tensor())]) else { unreachable!() };
    let entries = plain.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let marked = Dict::from_entries(entries).unwrap().with_attributes(Some(dict([("_metadata", versions)])));
    assert_eq!(found(&Value::Dict(Arc::new(marked))).metadata, Some(vec![(String::new(), 1), ("bn".into(), 2)]));
}

#[test]
fn a_scripted_module_is_walked_in_order_and_its_names_do_not_collide() {
    let script = |attributes| object("__torch__.Net", tuple(vec![]), attributes);
    let inner = || script(dict([("weight", tensor()), ("training", Value::Bool(true))]));
    let root = script(dict([("scale", tensor()), ("fc", inner()), ("last", tensor())]));
    let state = find(&root, Format::TorchScript).unwrap();
    assert_eq!(state.entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["scale", "fc.weight", "last"]);
    let twice = script(dict([("fc.weight", tensor()), ("fc", inner())]));
    assert!(find(&twice, Format::TorchScript).unwrap_err().to_string().contains("one name, got: `fc.weight`"));
}
