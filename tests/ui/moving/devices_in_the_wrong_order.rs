use model_runtime::prelude::*;

#[derive(Module)]
struct Translator<A: Device, B: Device> {
    encoder: Linear<A>,
    decoder: Linear<B>,
}

fn load(net: &Translator<Meta, Meta>, state: &StateDict) -> Result<Translator<Cuda<0>, Cuda<1>>> {
    net.load_state_dict(state, (Cuda::<1>, Cuda::<0>))
}

fn main() {}
