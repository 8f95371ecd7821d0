//! Functions that are generic over the device, or over the model.

use model_runtime::prelude::*;

fn predict<D: Compute, M>(net: &M, x: &Tensor<D>) -> Result<Vec<u32>>
where
    M: for<'a> Forward<&'a Tensor<D>, Output = Tensor<D>>,
{
    net.forward(x)?.argmax(Minus1)?.to_vec1()
}

fn size<D: Device>(net: &Linear<D>) -> usize {
    net.num_parameters()
}

pub fn main() -> Result<()> {
    let declared = Linear::new(4, 2);
    let net = declared.init(Auto)?;
    assert_eq!((size(&declared), size(&net)), (10, 10));
    assert_eq!(predict(&net, &Tensor::zeros((3, 4), DType::F32, Auto)?)?.len(), 3);
    Ok(())
}
