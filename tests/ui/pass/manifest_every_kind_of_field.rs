//! Every kind of field, with and without what may be absent.

use std::collections::{BTreeMap, HashMap};

use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    Scale { scale: Param<D> },
    None,
}

#[derive(Module)]
struct Block<D: Device> {
    norm: Norm<D>,
    #[module(rename = "fc")]
    linear: Linear<D>,
}

#[derive(Module)]
#[module(manifest = "manifest_every_kind_of_field.manifest")]
struct Net<D: Device> {
    blocks: Vec<Block<D>>,
    pair: (Linear<D>, ReLU, [Param<D>; 2]),
    heads: HashMap<String, Linear<D>>,
    tables: BTreeMap<String, Vec<Param<D>>>,
    there: Option<Box<Linear<D>>>,
    absent: Option<Linear<D>>,
    bn: BatchNorm2d<D>,
    #[module(persistent = false)]
    mask: Buffer<D>,
    #[module(flatten)]
    tail: Tail<D>,
    net: Sequential<(Linear<D>, GELU, Linear<D>)>,
    empty: Vec<Linear<D>>,
    r#type: Param<D>,
    size: usize,
}

#[derive(Module)]
struct Tail<D: Device> {
    last: Linear<D>,
}

pub fn main() {}
