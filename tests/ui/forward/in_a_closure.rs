use model_runtime::prelude::*;

fn predict(net: &Linear<Auto>, images: &[Tensor<Cpu>]) -> Result<Vec<Tensor<Auto>>> {
    images.iter().map(|image| net.forward(image)).collect()
}

fn main() {}
