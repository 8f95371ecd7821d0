use model_runtime::prelude::*;

#[derive(Module)]
struct Net<D: Device> {
    #[module(rename = "r#wte")]
    wte: Embedding<D>,
    #[module(tied = "r#wte.weight", alias = "decoder")]
    head: Param<D>,
    #[module(tied = "head")]
    again: Option<Box<Param<D>>>,
}

pub fn main() {
    let weight = || Param::new((3, 2), init::ZERO);
    let net = Net { wte: Embedding::new(3, 2), head: weight(), again: Some(Box::new(weight())) };
    assert_eq!(net.num_parameters(), 6);
    let net = net.init(Cpu).unwrap().to(Auto).unwrap();
    assert_eq!(net.state_dict().unwrap().len(), 3);
}
