//! Lists of tensors: arrays, slices and vectors, of owned tensors and of references, of parameters and buffers.

use model_runtime::prelude::*;

fn joined<D: Compute>(pieces: &[Tensor<D>]) -> Result<Tensor<D>> {
    Tensor::cat(pieces, 0)
}

pub fn main() -> Result<()> {
    let (a, b) = (Tensor::new(&[1f32], Cpu)?, Tensor::new(&[2f32], Cpu)?);
    let references = vec![&a, &b];
    for list in [
        Tensor::cat(&[&a, &b], 0)?,
        Tensor::cat(&[a.clone(), b.clone()], 0)?,
        Tensor::cat(&vec![a.clone(), b.clone()], 0)?,
        Tensor::cat(&references, 0)?,
        Tensor::cat(references.as_slice(), 0)?,
        joined(&[a.clone(), b.clone()])?,
        Tensor::stack(&references, 1)?.squeeze(0)?,
    ] {
        assert_eq!(list.to_vec1::<f32>()?, [1.0, 2.0]);
    }

    // One kind of list for parameters, buffers and tensors: they all lend a tensor.
    let (weight, buffer) = (Param::from_tensor(a.clone()), Buffer::from_tensor(b.clone()));
    assert_eq!(Tensor::cat(&[&weight, &weight], 0)?.dims(), [2]);
    assert_eq!(Tensor::cat(&[weight.tensor(), buffer.tensor(), &a], 0)?.dims(), [3]);

    let pieces: Vec<Tensor<Cpu>> = (0..3u8).map(|i| &a + f64::from(i)).collect::<Result<_>>()?;
    assert_eq!(joined(&pieces)?.to_vec1::<f32>()?, [1.0, 2.0, 3.0]);
    Ok(())
}
