//! A struct with a mistake is still a module for the rest of the program.

use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(renamed = "fc")]
    fc1: Linear<D>,
}

#[derive(Module)]
struct Outer<D: Device> {
    net: Option<Net<D>>,
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.fc1.forward(x)
    }
}

fn main() -> Result<()> {
    let net: Net<Cpu> = Net { fc1: Linear::new(4, 2) }.init(Cpu)?;
    let net: Net<Auto> = net.to(Auto)?;
    println!("{}", net.num_parameters());
    let y = net.forward(&Tensor::zeros((1, 4), DType::F32, Auto)?)?;
    let outer: Outer<Cpu> = Outer { net: Some(net) }.to(Cpu)?;
    drop((outer, y));
    Ok(())
}
