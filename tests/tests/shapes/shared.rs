//! Modules behind `Arc` and `Rc`: the keys of what is inside, and ties that survive.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use model_runtime::prelude::*;

use crate::fixture::{Saved, keys, layer};

#[derive(Module, Clone, Debug)]
struct Net<D: Device> {
    first: Arc<Linear<D>>,
    second: Arc<Linear<D>>,
}

fn net() -> Net<Meta> {
    let fc = Arc::new(Linear::new(4, 4));
    Net { first: fc.clone(), second: fc }
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.second.forward(&self.first.forward(x)?)
    }
}

fn is_tied<D: Device>(net: &Net<D>) -> bool {
    let identities = |fc: &Linear<D>| {
        let leaves = fc.named_parameters();
        leaves.iter().map(|(_, leaf)| leaf.identity()).collect::<Vec<_>>()
    };
    identities(&net.first) == identities(&net.second)
}

#[test]
fn one_module_under_two_names_stays_one() {
    let loaded = Saved::open("tied").check(&net());
    assert!(is_tied(&loaded));
    assert_eq!(loaded.num_parameters(), 20);
    let moved: Net<Auto> = loaded.to(Auto).unwrap();
    assert!(is_tied(&moved));
    let converted = moved.to_dtype(DType::F64).unwrap();
    assert!(is_tied(&converted));
    assert_eq!(converted.second.named_parameters()[0].1.dtype(), DType::F64);
}

#[test]
fn training_reaches_what_others_hold_too() {
    let mut net = net().init_seeded(Cpu, 0).unwrap();
    let other = net.clone();
    assert_eq!(net.parameters().unwrap().len(), 2);
    net.requires_grad(false).unwrap();
    assert!(net.parameters().is_err() && other.parameters().is_err());
    net.requires_grad(true).unwrap();
    assert_eq!(other.parameters().unwrap().len(), 2);
}

#[test]
fn what_others_hold_too_is_not_converted_under_them() {
    let net = net().init_seeded(Cpu, 0).unwrap();
    let other = net.clone();
    let same = net.clone().to_dtype(DType::F32).unwrap();
    assert_eq!(keys(&same), keys(&net));
    let error = net.clone().to_dtype(DType::F16).unwrap_err().to_string();
    assert!(error.starts_with("first.weight: several `Arc`s or `Rc`s hold the module"), "{error}");
    assert!(error.contains("net.to(device)?.to_dtype(dtype)?"), "{error}");

    let half = net.to(Cpu).unwrap().to_dtype(DType::F16).unwrap();
    assert!(is_tied(&half));
    assert_eq!(half.first.named_parameters()[0].1.dtype(), DType::F16);
    assert_eq!(other.first.named_parameters()[0].1.dtype(), DType::F32);
}

#[test]
fn a_key_is_right_again_after_a_shared_module() {
    #[derive(Module, Debug)]
    struct Outer<D: Device> {
        list: Vec<(Rc<Linear<D>>, Linear<D>)>,
    }

    let mut outer = Outer { list: vec![(Rc::new(layer()), layer())] }.init(Cpu).unwrap();
    assert_eq!(keys(&outer), ["list.0.0.weight", "list.0.1.weight"]);
    let held = Rc::clone(&outer.list[0].0);
    outer.requires_grad(false).unwrap();
    let error = outer.to_dtype(DType::F16).unwrap_err().to_string();
    assert!(error.starts_with("list.0.0.weight: "), "{error}");
    drop(held);
}

#[test]
fn shared_text_is_configuration() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        fc: Linear<D>,
        name: Arc<str>,
        words: Vec<Rc<str>>,
        unit: Box<str>,
        note: Cow<'static, str>,
        sizes: Arc<[usize; 2]>,
    }

    let net = Net {
        fc: layer(),
        name: "net".into(),
        words: vec!["a".into()],
        unit: "m".into(),
        note: "n".into(),
        sizes: Arc::new([1, 2]),
    };
    let net = net.init(Cpu).unwrap();
    assert_eq!((&*net.name, &*net.words[0], &*net.unit, &*net.note, *net.sizes), ("net", "a", "m", "n", [1, 2]));
    assert_eq!(keys(&net), ["fc.weight"]);
}
