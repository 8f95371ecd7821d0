use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
}

impl<D: Device> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.fc.forward(x)
    }
}

fn main() {}
