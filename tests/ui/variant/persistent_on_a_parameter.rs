use model_runtime::prelude::*;

#[derive(Module)]
enum Table<D: Device> {
    Learned(#[module(persistent = false)] Param<D>),
    None,
}

fn main() {}
