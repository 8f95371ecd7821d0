//! `flatten`: a field that adds nothing to the keys, as a base class in PyTorch.

use std::collections::BTreeMap;

use model_runtime::prelude::*;

use crate::fixture::{Saved, keys, layer};

#[derive(Module, Debug)]
struct Base<D: Device> {
    fc: Linear<D>,
}

#[derive(Module, Debug)]
struct Derived<D: Device> {
    #[module(flatten)]
    base: Base<D>,
    head: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Derived<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.head.forward(&self.base.fc.forward(x)?)
    }
}

#[test]
fn a_flattened_field_has_the_keys_of_a_base_class() {
    let derived = Derived { base: Base { fc: Linear::new(4, 4) }, head: Linear::new(4, 2) };
    let loaded = Saved::open("derived").check(&derived);
    assert_eq!(loaded.named_parameters()[0].0, "fc.weight");
    let moved: Derived<Auto> = loaded.to(Auto).unwrap();
    assert_eq!(keys(&moved), ["fc.weight", "fc.bias", "head.weight", "head.bias"]);
}

#[test]
fn containers_flatten_to_their_numbers_and_names() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        #[module(flatten)]
        layers: Vec<Linear<D>>,
        #[module(flatten)]
        named: BTreeMap<String, Linear<D>>,
        #[module(flatten)]
        absent: Option<Base<D>>,
        #[module(flatten, persistent = false)]
        masks: [Buffer<D>; 1],
    }

    let net = Net {
        layers: vec![layer(), layer()],
        named: [("a".to_owned(), layer())].into(),
        absent: None,
        masks: [Buffer::new(1, init::ZERO)],
    };
    let net = net.init(Cpu).unwrap();
    assert_eq!(keys(&net), ["0.weight", "1.weight", "a.weight"]);
    assert_eq!(net.named_buffers()[0].0, "0");
}

#[test]
fn a_flattened_field_of_a_variant_adds_nothing_either() {
    #[derive(Module, Debug)]
    enum Net<D: Device> {
        Whole {
            #[module(flatten)]
            base: Base<D>,
        },
    }

    assert_eq!(keys(&Net::Whole { base: Base { fc: layer() } }.init(Cpu).unwrap()), ["fc.weight"]);
}

#[test]
fn keys_that_collide_by_flatten_are_refused() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        #[module(flatten)]
        base: Base<D>,
        fc: Linear<D>,
    }

    let net = Net { base: Base { fc: layer() }, fc: layer() };
    let error = net.load_state_dict(&StateDict::default(), Cpu).unwrap_err().to_string();
    assert!(error.starts_with("fc.weight: two tensors of the model have this key"), "{error}");
    let error = net.init(Cpu).unwrap().state_dict().unwrap_err().to_string();
    assert!(error.starts_with("fc.weight: two tensors of the model have this key"), "{error}");
}
