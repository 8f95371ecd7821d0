#![deny(warnings)]
use model_runtime::prelude::*;
use model_runtime::with;

/// A type with the three functions is as good as a module.
struct Same;

impl Same {
    fn stored(field: &[with::Signature]) -> Result<Vec<with::Signature>> {
        Ok(field.to_vec())
    }

    fn load(_field: &[with::Signature], file: &with::Tensors) -> Result<with::Tensors> {
        Ok(file.clone())
    }

    fn save(field: &with::Tensors) -> Result<with::Tensors> {
        Ok(field.clone())
    }
}

#[derive(Module)]
struct Net<D: Device> {
    #[module(with = with::transposed, alias = "lin", frozen, default)]
    fc: Linear<D>,
    #[module(with = Same)]
    list: Vec<Linear<D>>,
}

pub fn main() {
    let net = Net { fc: Linear::new(1, 2), list: vec![Linear::new(1, 1)] }.init(Cpu).unwrap();
    let state = net.state_dict().unwrap();
    assert_eq!(state.get("fc.weight").unwrap().shape(), [1, 2]);
    net.load_state_dict(&state, Cpu).unwrap();
}
