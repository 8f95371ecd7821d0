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
pub enum Padding<S = (usize, usize)> {
    /// So many zeros before and after each side: a pair (height, width), or one number for a signal.
    Zeros(S),
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

impl From<usize> for Padding<usize> {
    fn from(padding: usize) -> Self {
        Self::Zeros(padding)
    }
}

impl Padding {
    /// The zeros before and after each of the two sides of an image, for a kernel of these sizes and dilations.
    pub(super) fn sides(self, kernel_size: [usize; 2], dilation: [usize; 2]) -> [(usize, usize); 2] {
        match self {
            Self::Zeros((height, width)) => [(height, height), (width, width)],
            Self::Same => [same(kernel_size[0], dilation[0]), same(kernel_size[1], dilation[1])],
            Self::Valid => [(0, 0); 2],
        }
    }
}

impl Padding<usize> {
    /// The zeros before and after a signal, for a kernel of this size and dilation.
    pub(super) fn side(self, kernel_size: usize, dilation: usize) -> (usize, usize) {
        match self {
            Self::Zeros(padding) => (padding, padding),
            Self::Same => same(kernel_size, dilation),
            Self::Valid => (0, 0),
        }
    }
}

fn same(kernel_size: usize, dilation: usize) -> (usize, usize) {
    let total = dilation * (kernel_size - 1);
    (total / 2, total - total / 2)
}
