//! An enum with a mistake is still a module for the rest of the program.

use model_runtime::prelude::*;

#[derive(Module)]
enum Norm<D: Device> {
    #[module(rename = "layer")]
    Layer(LayerNorm<D>),
    None,
}

#[derive(Module)]
struct Net<D: Device> {
    norm: Vec<Norm<D>>,
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        match &self.norm[0] {
            Norm::Layer(norm) => norm.forward(x),
            Norm::None => Ok(x.clone()),
        }
    }
}

fn main() -> Result<()> {
    let net: Net<Cpu> = Net { norm: vec![Norm::Layer(LayerNorm::new(4)), Norm::None] }.init(Cpu)?;
    let net: Net<Auto> = net.to(Auto)?;
    let y = net.forward(&Tensor::zeros((1, 4), DType::F32, Auto)?)?;
    println!("{y}");
    Ok(())
}
