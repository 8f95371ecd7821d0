//! `device` names a parameter twice.

use model_runtime::Device as Place;
use model_runtime::prelude::*;

#[derive(Module)]
#[module(device = (D, D))]
struct Net<D: Place> {
    fc: Linear<D>,
}

fn main() {}
