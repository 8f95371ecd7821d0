use model_runtime::prelude::*;

#[derive(Module)]
struct Net<A: Device, B: Device> {
    wte: Embedding<A>,
    #[module(tied = "wte")]
    head: Linear<B>,
}

pub fn main() {
    let net = Net { wte: Embedding::new(3, 2), head: Linear::new(2, 3).bias(false) };
    let net: Net<Cpu, Auto> = net.init((Cpu, Auto)).unwrap();
    let net: Net<Cpu, Cpu> = net.to(Cpu).unwrap();
    assert_eq!(net.head.weight.leaf().identity(), net.wte.weight.leaf().identity());
}
