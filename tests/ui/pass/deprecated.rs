//! What is deprecated can be part of a model: only those who use it are told.

#![deny(warnings)]

use model_runtime::prelude::*;

#[derive(Module)]
pub struct Net<D: Device> {
    pub fc: Linear<D>,
    #[deprecated]
    pub old: Linear<D>,
}

#[derive(Module)]
pub enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    #[deprecated]
    Old(LayerNorm<D>),
    Fields {
        #[deprecated]
        old: LayerNorm<D>,
    },
}

#[deprecated]
#[derive(Module)]
pub struct OldNet<D: Device> {
    pub fc: Linear<D>,
}

pub fn main() {}
