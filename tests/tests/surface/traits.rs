//! The traits of candle's tensor: this crate's tensor in the same place, or why it cannot be there.

use half::{bf16, f16};
use model_runtime::prelude::*;
use model_runtime::tensor::WithDType;

/// Whether a trait of candle's tensor is one of this crate's, too.
pub(crate) enum Coverage {
    /// It is, as this function shows.
    Covered(fn() -> Result<()>),
    /// It is not, for this reason.
    Excused(&'static str),
}

use Coverage::{Covered, Excused};

/// The traits of `Tensor`, and those of other types that take one.
pub(crate) const TRAITS: &[(&str, Coverage)] = &[
    ("Add", Covered(|| check(x()? + x()?, [4.0, 8.0]).and(check((&x()? + &x()?)? + 1.0, [5.0, 9.0])))),
    ("Add<Tensor> for Result", Covered(|| check(x() + &x()? + x()?, [6.0, 12.0]))),
    ("Add<Tensor> for f64", Covered(|| check(1.0 + x()?, [3.0, 5.0]).and(check(1.0 + &x()?, [3.0, 5.0])))),
    ("AsRef", Excused("would hand the candle tensor to candle's functions without its tag: `as_candle` says so")),
    ("Debug", Covered(|| same(format!("{:?}", x()?), format!("{:?}", x()?.as_candle())))),
    ("Deref", Excused("to candle's private parts, which have no tag: their methods are methods here")),
    ("Display", Covered(|| same(x()?.to_string(), x()?.as_candle().to_string()))),
    ("Div", Covered(|| check(x()? / x()?, [1.0, 1.0]).and(check(&x()? / 2.0, [1.0, 2.0])))),
    ("Div<Tensor> for Result", Covered(|| check(x() / &x()? / x()?, [0.5, 0.25]))),
    ("Div<Tensor> for f64", Covered(|| check(8.0 / x()?, [4.0, 2.0]).and(check(8.0 / &x()?, [4.0, 2.0])))),
    ("From", Excused("from storage of any device: `try_from_candle` checks the tensor made of it")),
    ("From<Tensor> for StreamTensor", Excused("candle's streams have no tag: put `as_candle` into them")),
    ("From<Tensor> for TensorIndexer", Covered(|| check(x()?.i(&Tensor::new(&[1u32, 0], Cpu)?), [4.0, 2.0]))),
    ("IndexOp", Covered(|| check(x()?.i(..), [2.0, 4.0]).and(check(x()?.unsqueeze(0)?.i((0, ..)), [2.0, 4.0])))),
    ("Mul", Covered(|| check(x()? * x()?, [4.0, 16.0]).and(check(&x()? * 2.0, [4.0, 8.0])))),
    ("Mul<Tensor> for Result", Covered(|| check(x() * &x()? * x()?, [8.0, 64.0]))),
    ("Mul<Tensor> for f64", Covered(|| check(2.0 * x()?, [4.0, 8.0]).and(check(2.0 * &x()?, [4.0, 8.0])))),
    ("Sub", Covered(|| check(x()? - x()?, [0.0, 0.0]).and(check(&x()? - 1.0, [1.0, 3.0])))),
    ("Sub<Tensor> for Result", Covered(|| check(x() - &x()? - x()?, [-2.0, -4.0]))),
    ("Sub<Tensor> for f64", Covered(|| check(1.0 - x()?, [-1.0, -3.0]).and(check(1.0 - &x()?, [-1.0, -3.0])))),
    ("TensorOrScalar", Covered(|| check(x()?.maximum(3.0), [3.0, 4.0]).and(check(x()?.maximum(&x()?), [2.0, 4.0])))),
    ("TryFrom", Covered(try_from_values)),
    ("TryFrom<Tensor> for Vec", Covered(try_into_vectors)),
    ("TryFrom<Tensor> for bf16", Covered(|| try_into(bf16::ONE))),
    ("TryFrom<Tensor> for f16", Covered(|| try_into(f16::ONE))),
    ("TryFrom<Tensor> for f32", Covered(|| try_into(1f32))),
    ("TryFrom<Tensor> for f64", Covered(|| try_into(1f64))),
    ("TryFrom<Tensor> for i16", Covered(|| try_into(1i16))),
    ("TryFrom<Tensor> for i32", Covered(|| try_into(1i32))),
    ("TryFrom<Tensor> for i64", Covered(|| try_into(1i64))),
    ("TryFrom<Tensor> for u32", Covered(|| try_into(1u32))),
    ("TryFrom<Tensor> for u8", Covered(|| try_into(1u8))),
    ("View", Excused("belongs to the safetensors crate: `save_safetensors` and `StateDict::save` write files")),
];

fn x() -> Result<Tensor<Cpu>> {
    Tensor::new(&[2f32, 4.0], Cpu)
}

/// Checks the values of a result.
fn check(tensor: Result<Tensor<Cpu>>, expected: [f32; 2]) -> Result<()> {
    assert_eq!(tensor?.to_vec1::<f32>()?, expected);
    Ok(())
}

fn same(ours: String, candles: String) -> Result<()> {
    assert_eq!(ours, candles);
    Ok(())
}

/// A number as a tensor, and back: from the tensor, and from a reference to it.
fn try_into<T>(value: T) -> Result<()>
where
    T: WithDType + TryFrom<Tensor<Cpu>, Error = Error> + for<'a> TryFrom<&'a Tensor<Cpu>, Error = Error>,
    Tensor<Cpu>: TryFrom<T, Error = Error>,
{
    let tensor = Tensor::<Cpu>::try_from(value)?;
    assert_eq!(tensor.dtype(), T::DTYPE);
    assert!(T::try_from(&tensor)? == value && T::try_from(tensor)? == value);
    Ok(())
}

fn try_from_values() -> Result<()> {
    let values = vec![2f32, 4.0];
    check(Tensor::<Cpu>::try_from(values.as_slice()), [2.0, 4.0])?;
    check(Tensor::<Cpu>::try_from(values), [2.0, 4.0])
}

fn try_into_vectors() -> Result<()> {
    assert_eq!(Vec::<f32>::try_from(&x()?)?, [2.0, 4.0]);
    assert_eq!(Vec::<Vec<f32>>::try_from(x()?.unsqueeze(0)?)?, [[2.0, 4.0]]);
    assert_eq!(Vec::<Vec<Vec<f32>>>::try_from(x()?.reshape((1, 2, 1))?)?, [[[2.0], [4.0]]]);
    Ok(())
}
