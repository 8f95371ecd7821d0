use model_runtime::prelude::*;

#[derive(Module)]
struct Attention<D: Device> {
    query: Linear<D>,
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Attention<D> {
    type Output = Tensor<D>;
    fn forward(&self, (x, mask): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        self.query.forward(x)?.mul(mask)
    }
}

fn run(layer: &Box<Attention<Cuda<0>>>, x: &Tensor<Cuda<0>>, mask: &Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    layer.forward((x, mask))
}

fn main() {}
