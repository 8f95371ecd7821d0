use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.fc.forward(x)?.to(Cpu)
    }
}

fn main() {}
