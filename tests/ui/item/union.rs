use model_runtime::prelude::*;

#[derive(Module)]
union Number {
    int: u32,
    float: f32,
}

fn main() {}
