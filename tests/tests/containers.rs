//! The keys of containers, in PyTorch's words and in declaration order.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use indexmap::IndexMap;
use model_runtime::prelude::*;

fn layer() -> Linear<Meta> {
    Linear::new(1, 1).bias(false)
}

fn keys<M: Module>(module: &M) -> Vec<String> {
    module.named_parameters().into_iter().map(|(key, _)| key).collect()
}

#[test]
fn containers_name_their_elements_as_pytorch_does() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        list: Vec<Linear<D>>,
        array: [Linear<D>; 2],
        absent: Option<Linear<D>>,
        present: Option<Linear<D>>,
        boxed: Box<Linear<D>>,
        pair: (Linear<D>, Param<D>),
        nested: Vec<Option<(Linear<D>, usize)>>,
    }
    let net = Net {
        list: vec![layer(), layer()],
        array: [layer(), layer()],
        absent: None,
        present: Some(layer()),
        boxed: Box::new(layer()),
        pair: (layer(), Param::new(1, init::ZERO)),
        nested: vec![None, Some((layer(), 3))],
    };
    let expected = [
        "list.0.weight",
        "list.1.weight",
        "array.0.weight",
        "array.1.weight",
        "present.weight",
        "boxed.weight",
        "pair.0.weight",
        "pair.1",
        "nested.1.0.weight",
    ];
    assert_eq!(keys(&net), expected);
    let net = net.init(Cpu).unwrap();
    assert_eq!(keys(&net), expected);
    assert_eq!(net.nested[1].as_ref().unwrap().1, 3);
}

#[test]
fn maps_have_their_own_keys_and_a_hash_map_is_sorted() {
    #[derive(Module, Debug)]
    struct Maps<D: Device> {
        hashed: HashMap<String, Linear<D>>,
        sorted: BTreeMap<String, Linear<D>>,
        ordered: IndexMap<String, Linear<D>>,
    }
    let names = ["c", "a", "b"];
    let maps = Maps {
        hashed: names.map(|name| (name.to_owned(), layer())).into(),
        sorted: names.map(|name| (name.to_owned(), layer())).into(),
        ordered: names.map(|name| (name.to_owned(), layer())).into(),
    };
    let expected: Vec<_> = ["hashed.a", "hashed.b", "hashed.c", "sorted.a", "sorted.b", "sorted.c"]
        .into_iter()
        .chain(["ordered.c", "ordered.a", "ordered.b"])
        .map(|key| format!("{key}.weight"))
        .collect();
    assert_eq!(keys(&maps), expected);
    assert_eq!(keys(&maps.init(Cpu).unwrap()), expected);
}

#[test]
fn configuration_needs_no_attribute_and_stays() {
    #[derive(Module, Clone, Debug)]
    struct Config<D: Device> {
        weight: Param<D>,
        heads: usize,
        eps: f64,
        name: String,
        activation: candle_nn::Activation,
        marker: PhantomData<D>,
        #[module(skip)]
        anything: std::collections::HashSet<u8>,
    }
    let config = Config {
        weight: Param::new(1, init::ONE),
        heads: 8,
        eps: 1e-5,
        name: "gelu".into(),
        activation: candle_nn::Activation::Gelu,
        marker: PhantomData,
        anything: [1].into(),
    };
    let config: Config<Cpu> = config.init(Cpu).unwrap();
    assert_eq!((config.heads, config.eps, config.name.as_str()), (8, 1e-5, "gelu"));
    assert!(config.anything.contains(&1));
    assert_eq!(keys(&config), ["weight"]);
}

#[test]
fn two_tensors_of_one_key_are_refused() {
    #[derive(Module, Debug)]
    struct Maps<D: Device> {
        a: BTreeMap<String, BTreeMap<String, Param<D>>>,
    }
    let inner = |name: &str| BTreeMap::from([(name.to_owned(), Param::new(1, init::ONE))]);
    let maps = Maps { a: BTreeMap::from([("b".into(), inner("c.d")), ("b.c".into(), inner("d"))]) };
    let error = maps.init(Cpu).unwrap().state_dict().unwrap_err().to_string();
    assert!(error.starts_with("a.b.c.d: two tensors of the model have this key"), "{error}");
    let error = maps.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.starts_with("a.b.c.d: two tensors of the model have this key"), "{error}");
}
