use model_runtime::prelude::*;

fn place(net: Linear<Cpu>) -> Result<Linear<Cuda<1>>> {
    net.to(Cuda::<0>)
}

fn main() {}
