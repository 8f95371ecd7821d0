//! A device parameter that no field names.

use model_runtime::prelude::*;

#[derive(Module)]
struct Config<D: Device> {
    heads: usize,
}

fn main() {
    let config = Config::<Cpu> { heads: 8 };
    println!("{} {}", config.heads, config.num_parameters());
}
