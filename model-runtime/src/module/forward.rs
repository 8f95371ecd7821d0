//! [`Forward`]: the typed call.

use super::Module;
use crate::error::Result;

/// A module that can be called with an `X`: `net.forward(&x)?`.
///
/// Corresponds to [`forward`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.forward).
/// Write it for `D: Compute`; several inputs are a tuple.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Score<D: Device> {
///     proj: Linear<D>,
/// }
///
/// impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Score<D> {
///     type Output = Tensor<D>;
///     fn forward(&self, (query, key): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
///         self.proj.forward(query)?.matmul(&key.t()?)
///     }
/// }
///
/// let score = Score { proj: Linear::new(4, 4) }.init(Cpu)?;
/// let x = Tensor::zeros((2, 4), DType::F32, Cpu)?;
/// assert_eq!(score.forward((&x, &x))?.dims(), [2, 2]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// A wrapper around another module names the input that it hands on. An impl that is generic over all inputs
/// (`impl<X, M: Forward<X>> Forward<X> for Residual<M>`) overlaps two hidden impls, which are there for better error
/// messages:
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Residual<M: Module> {
///     inner: M,
/// }
///
/// impl<D: Compute, M> Forward<&Tensor<D>> for Residual<M>
/// where
///     M: Module + for<'a> Forward<&'a Tensor<D>, Output = Tensor<D>>,
/// {
///     type Output = Tensor<D>;
///     fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
///         x + &self.inner.forward(x)?
///     }
/// }
///
/// let block = Residual { inner: Linear::new(4, 4) }.init(Cpu)?;
/// let x = Tensor::ones((1, 4), DType::F32, Cpu)?;
/// assert_eq!(block.forward(&x)?.dims(), [1, 4]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot take `{X}` as its input",
    label = "not on the model's device, or not the input this model takes",
    note = "move the input to the model's device first: `let x = x.to(device)?`",
    note = "an input is mostly a reference, `net.forward(&x)?`, and several are a tuple; a `Result` needs its `?` first",
    note = "a model on `Meta` has no weights yet: call `load_state_dict` or `init` on it first",
    note = "in code that is generic over the device, write the bound `D: Compute`"
)]
pub trait Forward<X> {
    /// What the call returns.
    type Output;

    /// Runs the module.
    ///
    /// # Errors
    ///
    /// Shapes or dtypes that do not fit, or not enough memory.
    fn forward(&self, x: X) -> Result<Self::Output>;
}

/// Inputs that do not exist.
///
/// With a single impl of `Forward` in sight, rustc takes `X` from it and reports a wrong argument as mismatched types,
/// before it asks whether the trait holds. Two more impls for every module, which nobody can call, keep it from guessing.
/// They are not for other types: `forward` on a `Box<dyn Forward<..>>` is that of what is inside.
mod uninhabited {
    use super::{Forward, Module, Result};

    #[derive(Debug)]
    pub enum Never {}
    #[derive(Debug)]
    pub enum Nor {}

    #[diagnostic::do_not_recommend]
    impl<M: Module> Forward<Never> for M {
        type Output = Never;
        fn forward(&self, x: Never) -> Result<Never> {
            match x {}
        }
    }

    #[diagnostic::do_not_recommend]
    impl<M: Module> Forward<Nor> for M {
        type Output = Nor;
        fn forward(&self, x: Nor) -> Result<Nor> {
            match x {}
        }
    }
}

/// What nothing implements.
#[doc(hidden)]
pub trait Nobody {}

/// A second impl of [`Forward`], for nobody, beside one that asks the modules inside whether they take the input.
///
/// Of the bounds of an only impl, rustc reports each that fails twice: for the call and for its argument. With two impls it
/// first looks which of them holds, and reports once that none does.
macro_rules! nobody {
    ([$($generics:tt)*] $input:ty, $named:ty => $module:ty) => {
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Forward<$input> for $module
        where
            ($named,): crate::module::forward::Nobody,
        {
            type Output = std::convert::Infallible;

            fn forward(&self, _: $input) -> Result<Self::Output> {
                crate::__private::refused()
            }
        }
    };
}

pub(crate) use nobody;
