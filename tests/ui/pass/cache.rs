//! A cache that starts empty and grows where the model is.

use model_runtime::prelude::*;

#[derive(Default)]
struct Cache<D: Device> {
    keys: Option<Tensor<D>>,
}

impl<D: Compute> Cache<D> {
    fn append(&mut self, keys: &Tensor<D>) -> Result<Tensor<D>> {
        let all = match &self.keys {
            Some(past) => Tensor::cat(&[past, keys], 0)?,
            None => keys.clone(),
        };
        self.keys = Some(all.clone());
        Ok(all)
    }
}

pub fn main() -> Result<()> {
    let mut cache = Cache::default();
    let keys = Tensor::ones((1, 4), DType::F32, Auto)?;
    assert_eq!(cache.append(&keys)?.dims(), [1, 4]);
    assert_eq!(cache.append(&keys)?.dims(), [2, 4]);
    Ok(())
}
