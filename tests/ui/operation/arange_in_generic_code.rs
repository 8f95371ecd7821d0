use model_runtime::prelude::*;

fn with_positions<D: Compute>(embedded: &Tensor<D>) -> Result<Tensor<D>> {
    let positions = Tensor::arange(0f32, 16.0, Cpu)?;
    embedded.broadcast_add(&positions)
}

fn main() {}
