//! Functions of one tensor, element by element. Shape and dtype stay as they are.

use super::Tensor;
use crate::device::Compute;
use crate::error::Result;

/// Methods without arguments that candle's tensor has by the same name.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<D: Compute> Tensor<D> {$(
            $(#[$doc])*
            #[inline]
            pub fn $name(&self) -> Result<Self> {
                Ok(Self::wrap(self.inner.$name()?))
            }
        )*}
    };
}

pub(super) use unary;

unary! {
    /// Computes `1 / x`. Floating dtypes.
    ///
    #[doc = torch!("reciprocal")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[2f32, 4.0], Cpu)?;
    /// assert_eq!(x.recip()?.to_vec1::<f32>()?, [0.5, 0.25]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    recip

    /// Changes the sign.
    ///
    #[doc = torch!("neg")]
    neg

    /// Computes `e` to the power of each element. Floating dtypes.
    ///
    #[doc = torch!("exp")]
    exp

    /// Computes the natural logarithm. Floating dtypes.
    ///
    #[doc = torch!("log")]
    log

    /// Computes the sine of radians. Floating dtypes.
    ///
    #[doc = torch!("sin")]
    sin

    /// Computes the cosine of radians. Floating dtypes.
    ///
    #[doc = torch!("cos")]
    cos

    /// Computes the hyperbolic tangent. Floating dtypes.
    ///
    #[doc = torch!("tanh")]
    tanh

    /// Drops the sign.
    ///
    #[doc = torch!("abs")]
    abs

    /// Multiplies each element by itself.
    ///
    #[doc = torch!("square")]
    sqr

    /// Computes the square root. Floating dtypes.
    ///
    #[doc = torch!("sqrt")]
    sqrt

    /// Computes the error function. Floating dtypes.
    ///
    #[doc = torch!("erf")]
    erf

    /// Rounds up.
    ///
    #[doc = torch!("ceil")]
    ceil

    /// Rounds down.
    ///
    #[doc = torch!("floor")]
    floor

    /// Rounds to the nearest integer, and halves away from zero. PyTorch rounds halves to even.
    ///
    #[doc = torch!("round")]
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let x = Tensor::new(&[0.4f32, 0.5, -2.5], Cpu)?;
    /// assert_eq!(x.round()?.to_vec1::<f32>()?, [0.0, 1.0, -3.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    round

    /// Computes the sign: -1, 0 or 1.
    ///
    #[doc = torch!("sign")]
    sign
}

impl<D: Compute> Tensor<D> {
    /// Rounds to `decimals` digits behind the point; a negative number rounds before it. Halves go away from zero.
    ///
    /// Corresponds to `torch.round(x, decimals=decimals)`, see
    /// [`torch.round`](https://docs.pytorch.org/docs/stable/generated/torch.round.html).
    #[inline]
    pub fn round_to(&self, decimals: i32) -> Result<Self> {
        Ok(Self::wrap(self.inner.round_to(decimals)?))
    }
}
