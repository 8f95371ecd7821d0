//! [`Conv2d`]: the cross-correlation of images with learned kernels, from `(N, C_in, H, W)` to `(N, C_out, H', W')`.

use candle_core::ToUsize2;

use super::batched::batched;
use super::compute;
use super::conv::{Geometry, conv2d, refused_channels, refused_sizes};
use super::padding::Padding;
use super::padding_mode::PaddingMode;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A two-dimensional convolution: `y[n, o] = b[o] + Σ_c W[o, c] ⋆ x[n, c]`.
///
/// Corresponds to [`torch.nn.Conv2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html). The input is
/// `(N, C_in, H, W)` or `(C_in, H, W)`, the output's `H' = (H + 2·padding - dilation·(kernel_size - 1) - 1) / stride + 1`,
/// and `W'` likewise. Sizes are one number, or a pair (height, width). The initial values are uniform in ±1/√`fan_in`,
/// where `fan_in` is `in_channels / groups` times the size of the kernel.
///
/// candle takes one stride, dilation and padding for both sides. Where they differ the layer gives the same numbers with
/// more work: zeros in the kernel for the dilation, steps that are left out for the stride.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let mut conv = Conv2d::new(1, 1, 2).bias(false).init(Cpu)?;
/// conv.weight = Param::from_tensor(Tensor::from_vec(vec![1f32, 0.0, 0.0, -1.0], (1, 1, 2, 2), Cpu)?);
/// let x = Tensor::from_vec(vec![1f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0], (1, 1, 3, 3), Cpu)?;
/// assert_eq!(conv.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [-4.0, -4.0, -4.0, -5.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct Conv2d<D: Device> {
    /// `(out_channels, in_channels / groups, kernel height, kernel width)`.
    pub weight: Param<D>,
    /// `(out_channels)`; none with `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The channels of the input.
    pub in_channels: usize,
    /// The channels of the output.
    pub out_channels: usize,
    /// The height and width of the kernels.
    pub kernel_size: (usize, usize),
    /// The steps between two places of a kernel.
    pub stride: (usize, usize),
    /// How many elements there are around the input.
    #[module(skip)]
    pub padding: Padding,
    /// What these elements are.
    #[module(skip)]
    pub padding_mode: PaddingMode,
    /// The steps between two elements of a kernel.
    pub dilation: (usize, usize),
    /// The blocks of channels that are convolved separately.
    pub groups: usize,
}

impl Conv2d<Meta> {
    /// Declares the layer, with a bias, stride 1, no padding, dilation 1 and one group.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: impl ToUsize2) -> Self {
        let layer = Self {
            weight: Param::new((), init::ZERO),
            bias: None,
            in_channels,
            out_channels,
            kernel_size: kernel_size.to_usize2(),
            stride: (1, 1),
            padding: Padding::from(0),
            padding_mode: PaddingMode::Zeros,
            dilation: (1, 1),
            groups: 1,
        };
        layer.declare(true)
    }

    /// The steps between two places of a kernel. PyTorch's default is 1.
    #[must_use]
    pub fn stride(mut self, stride: impl ToUsize2) -> Self {
        self.stride = stride.to_usize2();
        self.redeclare()
    }

    /// The elements around the input, zeros: a number, a pair, or [`Padding::Same`]. PyTorch's default is 0.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self.redeclare()
    }

    /// What the elements around the input are. PyTorch's default is zeros.
    #[must_use]
    pub fn padding_mode(mut self, padding_mode: PaddingMode) -> Self {
        self.padding_mode = padding_mode;
        self
    }

    /// The steps between two elements of a kernel. PyTorch's default is 1.
    #[must_use]
    pub fn dilation(mut self, dilation: impl ToUsize2) -> Self {
        self.dilation = dilation.to_usize2();
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
        let (height, width) = self.kernel_size;
        let in_channels = self.in_channels / self.groups.max(1);
        let init = init::fan_in_uniform(in_channels * height * width);
        let weight = Spec::new((self.out_channels, in_channels, height, width), init);
        self.weight = Param::declare(match self.refused() {
            Some(reason) => weight.invalid(reason),
            None => weight,
        });
        self.bias = bias.then(|| Param::new(self.out_channels, init));
        self
    }
}

impl<D: Device> Conv2d<D> {
    /// Why PyTorch refuses the configuration, in its words where it has some.
    #[inline]
    fn refused(&self) -> Option<String> {
        let sides = [self.kernel_size, self.stride, self.dilation];
        let has_sizes = sides.iter().all(|(height, width)| *height != 0 && *width != 0);
        if has_sizes && self.groups == 1 && self.padding != Padding::Same {
            return None;
        }
        let sizes: [(_, [usize; 2]); 3] = [
            ("kernel_size", self.kernel_size.into()),
            ("stride", self.stride.into()),
            ("dilation", self.dilation.into()),
        ];
        let refused = refused_channels(self.in_channels, self.out_channels, self.groups)
            .or_else(|| refused_sizes(sizes.each_ref().map(|(name, size)| (*name, &size[..]))));
        if refused.is_some() {
            return refused;
        }
        if self.padding == Padding::Same && self.stride != (1, 1) {
            return Some(format!(
                "padding='same' is not supported for strided convolutions, got: stride {:?}",
                self.stride
            ));
        }
        None
    }
}

/// # Errors
///
/// The input is no image or batch of images, has not `in_channels` channels, or is smaller than the kernel or than its
/// padding mode asks for; its dtype is not that of the weight.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Conv2d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let bias = self.bias.as_ref().map(Param::as_candle);
        let geometry = Geometry {
            layer: "Conv2d",
            stride: self.stride.into(),
            dilation: self.dilation.into(),
            padding: self.padding.sides(self.kernel_size.into(), self.dilation.into()),
            mode: self.padding_mode,
            groups: self.groups,
        };
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("Conv2d: {reason}")).into());
        }
        compute(x, |x| batched("Conv2d", x, |x| conv2d(x, self.weight.as_candle(), bias, &geometry)))
    }
}
