use model_runtime::prelude::*;

mod halved {
    use model_runtime::Result;
    use model_runtime::with::{Signature, Tensors};

    pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
        Ok(field.to_vec())
    }

    pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
        Ok(file.clone())
    }
}

#[derive(Module)]
struct Net<D: Device> {
    #[module(with = halved)]
    fc: Linear<D>,
}

fn main() {}
