//! Two types that contain each other have no end of keys: a cycle error of the compiler.

use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "types_that_contain_each_other.manifest")]
struct Block<D: Device> {
    fc: Linear<D>,
    branches: Vec<Branch<D>>,
}

#[derive(Module)]
struct Branch<D: Device> {
    blocks: Vec<Block<D>>,
}

fn main() {}
