use model_runtime::prelude::*;

fn predict(net: &Linear<Cuda<0>>, image: Tensor<Cpu>) -> Result<Tensor<Cuda<0>>> {
    let on_gpu = image.to(Cuda::<0>)?;
    println!("{:?}", on_gpu.dims());
    net.forward(&image)
}

fn main() {}
