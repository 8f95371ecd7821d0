use model_runtime::prelude::*;

fn joined(pieces: Vec<Tensor<Cpu>>) -> Result<Tensor<Cuda<0>>> {
    Tensor::<Cuda<0>>::cat(&pieces, 0)
}

fn main() {}
