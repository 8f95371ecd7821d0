//! Layers behind one type, in a box, or shared: they are called like the layer.

use std::sync::Arc;

use model_runtime::prelude::*;

type Layer<D> = Box<dyn for<'a> Forward<&'a Tensor<D>, Output = Tensor<D>>>;

pub fn main() -> Result<()> {
    let linear = Linear::new(4, 4).init(Auto)?;
    let layers: Vec<Layer<Auto>> = vec![Box::new(linear), Box::new(ReLU)];
    let mut x = Tensor::zeros((1, 4), DType::F32, Auto)?;
    for layer in &layers {
        x = layer.forward(&x)?;
    }
    let shared = Arc::new(Linear::new(4, 3).init(Auto)?);
    let boxed = Box::new(Linear::new(3, 2).init(Auto)?);
    assert_eq!(boxed.forward(&shared.forward(&x)?)?.dims(), [1, 2]);
    Ok(())
}
