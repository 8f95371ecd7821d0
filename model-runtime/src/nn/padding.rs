//! [`Padding`]: the zeros around the input of a convolution.

/// The zeros around the input of a convolution: `padding` of PyTorch's convolutions.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let conv = Conv2d::new(1, 1, 3).padding((1, 2));
/// assert_eq!(conv.padding, Padding::Zeros((1, 2)));
/// let conv = Conv2d::new(1, 1, 3).padding(Padding::Same);
/// assert_eq!(conv.padding, Padding::Same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// PyTorch has these three, and a convolution handles each: not `non_exhaustive`.
pub enum Padding {
    /// So many rows above and below, so many columns left and right.
    Zeros((usize, usize)),
    /// As many as make the output as large as the input, `padding="same"`; an odd one is on the right and below.
    Same,
    /// None, `padding="valid"`.
    Valid,
}

impl From<usize> for Padding {
    fn from(padding: usize) -> Self {
        Self::Zeros((padding, padding))
    }
}

impl From<(usize, usize)> for Padding {
    fn from(padding: (usize, usize)) -> Self {
        Self::Zeros(padding)
    }
}

impl Padding {
    /// The zeros before and after each of the two sides of an image, for a kernel of these sizes and dilations.
    pub(super) fn sides(self, kernel_size: [usize; 2], dilation: [usize; 2]) -> [(usize, usize); 2] {
        let same = |side: usize| {
            let total = dilation[side] * (kernel_size[side] - 1);
            (total / 2, total - total / 2)
        };
        match self {
            Self::Zeros((height, width)) => [(height, height), (width, width)],
            Self::Same => [same(0), same(1)],
            Self::Valid => [(0, 0); 2],
        }
    }
}
