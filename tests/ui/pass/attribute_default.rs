use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(default)]
    head: Option<Linear<D>>,
    #[module(default, rename = "cls", alias = "token")]
    token: Param<D>,
}

pub fn main() {}
