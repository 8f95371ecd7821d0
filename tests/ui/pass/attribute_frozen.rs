use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(frozen, flatten)]
    backbone: Linear<D>,
    #[module(frozen)]
    list: Vec<Linear<D>>,
}

pub fn main() {}
