//! `rename_all`: the keys of classes whose attributes are not in Rust's case.

use model_runtime::prelude::*;

use crate::fixture::{Saved, keys, layer};

#[derive(Module, Debug)]
#[module(rename_all = "camelCase")]
struct Attention<D: Device> {
    in_proj: Linear<D>,
    out_proj: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Attention<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.out_proj.forward(&self.in_proj.forward(x)?)
    }
}

#[test]
fn fields_are_renamed_as_the_class_names_them() {
    Saved::open("camel").check(&Attention { in_proj: Linear::new(4, 4), out_proj: Linear::new(4, 2) });
}

#[test]
fn a_name_of_its_own_stays() {
    #[derive(Module, Debug)]
    #[module(rename_all = "SCREAMING-KEBAB-CASE")]
    struct Net<D: Device> {
        first_fc: Linear<D>,
        #[module(rename = "second_fc")]
        last_fc: Linear<D>,
        r#type: Linear<D>,
    }

    let net = Net { first_fc: layer(), last_fc: layer(), r#type: layer() }.init(Cpu).unwrap();
    assert_eq!(keys(&net), ["FIRST-FC.weight", "second_fc.weight", "TYPE.weight"]);
}

#[test]
fn on_an_enum_the_fields_of_all_variants_are_renamed() {
    #[derive(Module, Debug)]
    #[module(rename_all = "PascalCase")]
    enum Net<D: Device> {
        OneLayer { fc_one: Linear<D> },
        TwoLayers { fc_one: Linear<D>, fc_two: Linear<D> },
    }

    assert_eq!(keys(&Net::OneLayer { fc_one: layer() }.init(Cpu).unwrap()), ["FcOne.weight"]);
    let two = Net::TwoLayers { fc_one: layer(), fc_two: layer() };
    assert_eq!(keys(&two.init(Cpu).unwrap()), ["FcOne.weight", "FcTwo.weight"]);
}
