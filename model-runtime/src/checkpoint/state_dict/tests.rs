//! Trees made by hand: where the state dict is found, and what is made of its entries.

use super::*;
use crate::checkpoint::limits::Limits;
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::scripted::ScriptedModule;
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
    find(root, Format::TorchZip, &Scripted::default()).unwrap()
}

fn refused(root: &Value) -> String {
    find(root, Format::TorchZip, &Scripted::default()).unwrap_err().to_string()
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
    assert_eq!(state.other.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["_extra_state", "version"]);
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
fn a_whole_module_gives_parameters_then_saved_buffers_then_children() {
    let strings = |names: &[&str]| {
        Value::Set(Arc::new(names.iter().map(|name| Value::Str((*name).into())).collect::<Vec<_>>().into()))
    };
    let inner = || {
        let attributes =
            dict([("_parameters", dict([("weight", tensor()), ("bias", Value::None)])), ("_modules", dict([]))]);
        object("nets.Inner", tuple(vec![]), attributes)
    };
    let net = || {
        let attributes = dict([
            ("_modules", dict([("b", inner()), ("none", Value::None), ("a", inner())])),
            ("_buffers", dict([("num_batches_tracked", tensor()), ("cache", tensor())])),
            ("_non_persistent_buffers_set", strings(&["cache"])),
            ("_parameters", dict([("w", tensor())])),
        ]);
        object("nets.Net", tuple(vec![]), attributes)
    };
    let keys = |state: &RawStateDict| state.entries.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let state = found(&net());
    assert_eq!(keys(&state), ["w", "num_batches_tracked", "b.weight", "a.weight"]);
    assert_eq!(state.metadata, Some(vec![(String::new(), 2), ("b".into(), 1), ("a".into(), 1)]));
    let state = found(&dict([("model", net()), ("epoch", Value::Int(1))]));
    assert_eq!((state.path.as_str(), state.entries.len()), ("model", 4));
    assert!(refused(&dict([("model", net()), ("ema", net())])).contains("`model` (a whole `nets.Net`)"));
    let twice = dict([("model", net()), ("state_dict", dict([("w", tensor())]))]);
    assert_eq!(found(&twice).path, "state_dict");
    let broken = dict([("_parameters", Value::Int(1)), ("_modules", dict([]))]);
    assert!(refused(&object("n.N", tuple(vec![]), broken)).contains("`_parameters` of a module is no dict"));
    let broken = dict([("_parameters", dict([])), ("_modules", dict([("x", tensor())]))]);
    assert!(refused(&object("n.N", tuple(vec![]), broken)).contains("key `x`: a module inside the module is none"));
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
fn a_scripted_module_gives_what_its_code_declares() {
    let script = |class: &str, attributes| object(class, tuple(vec![]), attributes);
    let inner = || script("__torch__.Fc", dict([("weight", tensor()), ("training", Value::Bool(true))]));
    let root =
        script("__torch__.Net", dict([("plain", tensor()), ("fc", inner()), ("scale", tensor()), ("last", tensor())]));
    let mut table = Scripted::default();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let net = ScriptedModule { parameters: names(&["last"]), buffers: names(&["scale"]) };
    assert!(table.insert("__torch__.Net".into(), net));
    assert!(
        table.insert("__torch__.Fc".into(), ScriptedModule { parameters: names(&["weight"]), buffers: names(&[]) })
    );
    let state = find(&root, Format::TorchScript, &table).unwrap();
    assert_eq!(state.entries.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["last", "scale", "fc.weight"]);
    let error = find(&root, Format::TorchScript, &Scripted::default()).unwrap_err().to_string();
    assert!(error.contains("no code for `__torch__.Net`"), "{error}");
}
