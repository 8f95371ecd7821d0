use model_runtime::prelude::*;

fn on_cpu<D: Device>(layer: Linear<D>) -> Result<Linear<Cpu>> {
    layer.to(Cpu)
}

fn main() {}
