use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
}

impl Net<Meta> {
    fn new() -> Self {
        Self { fc: Linear::new(4, 2) }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.fc.forward(x)
    }
}

fn main() -> Result<()> {
    let net = Net::new();
    net.load_state_dict(&StateDict::default(), Cpu)?;
    let x = Tensor::zeros((1, 4), DType::F32, Cpu)?;
    net.forward(&x)?;
    Ok(())
}
