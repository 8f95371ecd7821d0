//! [`Conv1d`]: the cross-correlation of signals with learned kernels, from `(N, C_in, L)` to `(N, C_out, L')`.

use super::batched::batched_1d;
use super::compute;
use super::conv::{Geometry, conv1d, refused_channels, refused_sizes};
use super::padding::Padding;
use super::padding_mode::PaddingMode;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A one-dimensional convolution: `y[n, o] = b[o] + Σ_c W[o, c] ⋆ x[n, c]`.
///
/// Corresponds to [`torch.nn.Conv1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html). The input is `(N, C_in, L)` or `(C_in, L)`, the output's
/// `L' = (L + 2·padding - dilation·(kernel_size - 1) - 1) / stride + 1`. The initial values are uniform in ±1/√`fan_in`,
/// where `fan_in` is `in_channels / groups · kernel_size`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let mut conv = Conv1d::new(1, 1, 2).bias(false).init(Cpu)?;
/// conv.weight = Param::from_tensor(Tensor::from_vec(vec![1f32, -1.0], (1, 1, 2), Cpu)?);
/// let x = Tensor::from_vec(vec![1f32, 3.0, 6.0, 10.0], (1, 1, 4), Cpu)?;
/// assert_eq!(conv.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [-2.0, -3.0, -4.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct Conv1d<D: Device> {
    /// `(out_channels, in_channels / groups, kernel_size)`.
    pub weight: Param<D>,
    /// `(out_channels)`; none with `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The channels of the input.
    pub in_channels: usize,
    /// The channels of the output.
    pub out_channels: usize,
    /// The length of the kernels.
    pub kernel_size: usize,
    /// The steps between two places of a kernel.
    pub stride: usize,
    /// How many elements there are before and after the input.
    #[module(skip)]
    pub padding: Padding<usize>,
    /// What these elements are.
    #[module(skip)]
    pub padding_mode: PaddingMode,
    /// The steps between two elements of a kernel.
    pub dilation: usize,
    /// The blocks of channels that are convolved separately.
    pub groups: usize,
}

impl Conv1d<Meta> {
    /// Declares the layer, with a bias, stride 1, no padding, dilation 1 and one group.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        let layer = Self {
            weight: Param::new((), init::ZERO),
            bias: None,
            in_channels,
            out_channels,
            kernel_size,
            stride: 1,
            padding: Padding::from(0),
            padding_mode: PaddingMode::Zeros,
            dilation: 1,
            groups: 1,
        };
        layer.declare(true)
    }

    /// The steps between two places of a kernel. PyTorch's default is 1.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self.redeclare()
    }

    /// The elements before and after the input, zeros: a number, or [`Padding::Same`]. PyTorch's default is 0.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding<usize>>) -> Self {
        self.padding = padding.into();
        self.redeclare()
    }

    /// What the elements before and after the input are. PyTorch's default is zeros.
    #[must_use]
    pub fn padding_mode(mut self, padding_mode: PaddingMode) -> Self {
        self.padding_mode = padding_mode;
        self
    }

    /// The steps between two elements of a kernel. PyTorch's default is 1.
    #[must_use]
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self.redeclare()
    }

    /// The blocks of channels that are convolved separately. PyTorch's default is 1.
    #[must_use]
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self.redeclare()
    }

    /// Whether it adds a bias. PyTorch's default is `true`.
    #[must_use]
    pub fn bias(self, bias: bool) -> Self {
        self.declare(bias)
    }

    fn redeclare(self) -> Self {
        let bias = self.bias.is_some();
        self.declare(bias)
    }

    /// Declares the parameters from the configuration.
    fn declare(mut self, bias: bool) -> Self {
        let in_channels = self.in_channels / self.groups.max(1);
        let init = init::fan_in_uniform(in_channels * self.kernel_size);
        let weight = Spec::new((self.out_channels, in_channels, self.kernel_size), init);
        self.weight = Param::declare(match self.refused() {
            Some(reason) => weight.invalid(reason),
            None => weight,
        });
        self.bias = bias.then(|| Param::new(self.out_channels, init));
        self
    }
}

impl<D: Device> Conv1d<D> {
    /// Why PyTorch refuses the configuration, in its words where it has some.
    fn refused(&self) -> Option<String> {
        let (kernel_size, stride, dilation) = ([self.kernel_size], [self.stride], [self.dilation]);
        let sizes = [("kernel_size", &kernel_size[..]), ("stride", &stride[..]), ("dilation", &dilation[..])];
        let same = || format!("padding='same' is not supported for strided convolutions, got: stride {}", self.stride);
        refused_channels(self.in_channels, self.out_channels, self.groups)
            .or_else(|| refused_sizes(sizes))
            .or_else(|| (self.padding == Padding::Same && self.stride != 1).then(same))
    }
}

/// # Errors
///
/// The input is no signal or batch of signals, has not `in_channels` channels, or is shorter than the kernel or than
/// its padding mode asks for; its dtype is not that of the weight.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Conv1d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("Conv1d: {reason}")).into());
        }
        let bias = self.bias.as_ref().map(Param::as_candle);
        let geometry = Geometry {
            layer: "Conv1d",
            // The height is 1: with the width's stride and dilation candle has one of each.
            stride: [self.stride; 2],
            dilation: [self.dilation; 2],
            padding: [(0, 0), self.padding.side(self.kernel_size, self.dilation)],
            mode: self.padding_mode,
            groups: self.groups,
        };
        compute(x, |x| batched_1d("Conv1d", x, |x| conv1d(x, self.weight.as_candle(), bias, &geometry)))
    }
}
