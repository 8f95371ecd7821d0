use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    Scaled { scale: Param<Cpu> },
}

fn main() {}
