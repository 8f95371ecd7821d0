//! `#[module(frozen)]`: not trained.

use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<D: Device> {
    #[module(frozen)]
    backbone: Linear<D>,
    head: Linear<D>,
}

fn net() -> Net<Meta> {
    Net { backbone: Linear::new(2, 2), head: Linear::new(2, 3) }
}

fn trained(net: &Net<Cpu>) -> [bool; 2] {
    [net.backbone.weight.leaf().requires_grad(), net.head.weight.leaf().requires_grad()]
}

#[test]
fn init_and_requires_grad_pass_it_by() {
    let mut net = net().init(Cpu).unwrap();
    assert_eq!(trained(&net), [false, true]);
    assert_eq!(net.parameters().unwrap().len(), 2);
    assert_eq!(net.named_parameters().len(), 4);
    net.requires_grad(false).unwrap();
    net.requires_grad(true).unwrap();
    assert_eq!(trained(&net), [false, true]);
    assert!(net.summary().to_string().contains("frozen"), "{}", net.summary());
}

#[test]
fn the_field_itself_can_be_trained_until_the_whole_is_not() {
    let mut net = net().load_state_dict(&net().init(Cpu).unwrap().state_dict().unwrap(), Cpu).unwrap();
    assert_eq!(trained(&net), [false, false]);
    net.backbone.requires_grad(true).unwrap();
    assert_eq!(trained(&net), [true, false]);
    net.requires_grad(true).unwrap();
    assert_eq!(trained(&net), [true, true]);
    let mut net = net.to(Cpu).unwrap();
    assert_eq!(trained(&net), [true, true]);
    net.requires_grad(false).unwrap();
    assert_eq!(trained(&net), [false, false]);
}

#[test]
fn a_model_that_is_all_frozen_says_so_to_an_optimizer() {
    #[derive(Module, Debug)]
    struct Frozen<D: Device> {
        #[module(frozen)]
        body: Linear<D>,
    }
    let error = Frozen { body: Linear::new(1, 1) }.init(Cpu).unwrap().parameters().unwrap_err().to_string();
    assert!(error.contains("`#[module(frozen)]`"), "{error}");
}

#[test]
fn a_tied_parameter_is_frozen_by_either_name() {
    #[derive(Module, Debug)]
    struct Tied<D: Device> {
        a: Param<D>,
        #[module(frozen)]
        b: Linear<D>,
        #[module(tied = "b")]
        c: Linear<D>,
    }
    let net = Tied { a: Param::new(1, init::ONE), b: Linear::new(1, 1), c: Linear::new(1, 1) }.init(Cpu).unwrap();
    assert_eq!(net.parameters().unwrap().len(), 1);
    assert!(!net.c.weight.leaf().requires_grad());
}
