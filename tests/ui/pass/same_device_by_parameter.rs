//! Parameters and buffers are operands beside tensors of their device.

use model_runtime::prelude::*;

#[derive(Module)]
struct Scale<D: Device> {
    scale: Param<D>,
    #[module(persistent = false)]
    offset: Buffer<D>,
}

impl<D: Compute> Forward<&Tensor<D>> for Scale<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        x.broadcast_mul(&self.scale)?.broadcast_add(&self.offset)
    }
}

pub fn main() -> Result<()> {
    let scale = Scale { scale: Param::new(2, init::ONE), offset: Buffer::new(2, init::ONE) }.init(Auto)?;
    let y = scale.forward(&Tensor::ones((1, 2), DType::F32, Auto)?)?;
    assert_eq!(y.to_vec2::<f32>()?, [[2.0, 2.0]]);
    Ok(())
}
