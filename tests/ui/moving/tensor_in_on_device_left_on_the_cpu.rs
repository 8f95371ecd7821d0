use model_runtime::prelude::*;

fn run(net: Linear<Meta>, x: Tensor<Cpu>, device: AnyDevice) -> Result<f32> {
    on_device!(device, |D| net.init(D::default())?.forward(&x)?.sum_all()?.to_scalar())
}

fn main() {}
