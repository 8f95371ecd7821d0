//! The encoder of twelve layers whose files the tests of the report are about.

use model_runtime::prelude::*;

#[derive(Module, Debug)]
pub struct Attention<D: Device> {
    qkv: Linear<D>,
    out: Linear<D>,
}

/// A norm of one's own: `LayerNorm` knows the names of older files.
#[derive(Module, Debug)]
pub struct Norm<D: Device> {
    weight: Param<D>,
    bias: Param<D>,
}

#[derive(Module, Debug)]
pub struct Layer<D: Device> {
    attn: Attention<D>,
    norm1: Norm<D>,
    fc1: Linear<D>,
    fc2: Linear<D>,
    norm2: Norm<D>,
}

#[derive(Module, Debug)]
pub struct Transformer<D: Device> {
    embed: Embedding<D>,
    layers: Vec<Layer<D>>,
    pub head: Linear<D>,
}

/// Its keys: 1 + 12 * 12 + 2.
pub const KEYS: usize = 147;

impl Layer<Meta> {
    fn new() -> Self {
        let norm = || Norm { weight: Param::new(4, init::STANDARD_NORMAL), bias: Param::new(4, init::STANDARD_NORMAL) };
        Self {
            attn: Attention { qkv: Linear::new(4, 12), out: Linear::new(4, 4) },
            norm1: norm(),
            fc1: Linear::new(4, 8),
            fc2: Linear::new(8, 4),
            norm2: norm(),
        }
    }
}

impl Transformer<Meta> {
    pub fn new(classes: usize) -> Self {
        Self {
            embed: Embedding::new(10, 4),
            layers: (0..12).map(|_| Layer::new()).collect(),
            head: Linear::new(4, classes),
        }
    }
}

/// The state dict of one with that many classes.
pub fn state(classes: usize) -> StateDict {
    Transformer::new(classes).init_seeded(Cpu, 3).unwrap().state_dict().unwrap()
}

/// The text of the error of a load, which is a page.
pub fn refused(net: &Transformer<Meta>, state: &StateDict, options: &LoadOptions) -> String {
    let Err(error) = net.load_state_dict_with(state, Cpu, options) else { panic!("expected a load error") };
    let text = error.to_string();
    assert!(text.lines().count() <= 40, "{text}");
    text
}
