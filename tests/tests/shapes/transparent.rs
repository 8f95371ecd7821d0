//! `transparent`: a struct that is its one field, as a subclass of a container or of a layer in PyTorch.

use model_runtime::prelude::*;

use crate::fixture::{Saved, keys, layer};

#[derive(Module, Debug)]
#[module(transparent)]
struct Mlp<D: Device> {
    layers: Vec<Linear<D>>,
    #[module(skip)]
    name: &'static str,
}

#[derive(Module, Debug)]
struct Outer<D: Device> {
    mlp: Mlp<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Outer<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.mlp.layers[1].forward(&self.mlp.layers[0].forward(x)?)
    }
}

#[test]
fn a_transparent_struct_has_the_keys_of_a_subclass_of_its_field() {
    let mlp = Mlp { layers: vec![Linear::new(4, 4), Linear::new(4, 2)], name: "mlp" };
    let loaded = Saved::open("sequential").check(&Outer { mlp });
    assert_eq!(loaded.mlp.name, "mlp");
    assert_eq!(keys(&loaded.mlp), ["0.weight", "0.bias", "1.weight", "1.bias"]);
}

#[test]
fn a_parameter_in_a_transparent_struct_has_the_key_of_the_struct() {
    #[derive(Module, Debug)]
    #[module(transparent)]
    struct Scale<D: Device>(Param<D>);

    #[derive(Module, Debug)]
    #[module(transparent)]
    struct Wrapper<M: Module>(#[module(persistent = true)] M);

    #[derive(Module, Debug)]
    struct Net<D: Device> {
        scale: Scale<D>,
        fc: Wrapper<Wrapper<Linear<D>>>,
        table: Tables<D>,
    }

    #[derive(Module, Debug)]
    #[module(transparent)]
    struct Tables<D: Device>(#[module(persistent = false)] Buffer<D>);

    let net = Net {
        scale: Scale(Param::new(1, init::ONE)),
        fc: Wrapper(Wrapper(layer())),
        table: Tables(Buffer::new(1, init::ONE)),
    };
    let net = net.init(Cpu).unwrap();
    assert_eq!(keys(&net), ["scale", "fc.weight"]);
    assert_eq!(net.named_buffers()[0].0, "table");
}

#[test]
fn keys_that_collide_by_transparent_are_refused() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        #[module(flatten)]
        mlp: Mlp<D>,
        #[module(flatten)]
        other: Mlp<D>,
    }

    let mlp = |name| Mlp { layers: vec![layer()], name };
    let error = Net { mlp: mlp("a"), other: mlp("b") }.init(Cpu).unwrap().state_dict().unwrap_err().to_string();
    assert!(error.starts_with("0.weight: two tensors of the model have this key"), "{error}");
}
