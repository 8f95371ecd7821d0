use model_runtime::prelude::*;

#[derive(Module)]
struct Fusion<D: Device> {
    proj: Linear<D>,
}

impl<D: Compute> Forward<&[Tensor<D>]> for Fusion<D> {
    type Output = Tensor<D>;
    fn forward(&self, views: &[Tensor<D>]) -> Result<Tensor<D>> {
        self.proj.forward(&Tensor::cat(views, 1)?)
    }
}

fn fuse(fusion: &Fusion<Cuda<0>>, views: &[Tensor<Cpu>]) -> Result<Tensor<Cuda<0>>> {
    fusion.forward(views)
}

fn main() {}
