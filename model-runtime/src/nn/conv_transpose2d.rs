//! [`ConvTranspose2d`]: the gradient of a convolution as a layer, from `(N, C_in, H, W)` to larger `(N, C_out, H', W')`.

use candle_core::ToUsize2;

use super::batched::batched;
use super::compute;
use super::conv::{refused_channels, refused_sizes};
use super::conv_transpose::{Transposed, conv_transpose2d, refused_output_padding};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A two-dimensional transposed convolution: each element of the input lays a kernel, scaled by it, onto the output.
///
/// Corresponds to [`torch.nn.ConvTranspose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html).
/// The input is `(N, C_in, H, W)` or `(C_in, H, W)`, the output's
/// `H' = (H - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1`, and `W'` likewise. Sizes are one
/// number, or a pair (height, width). The initial values are uniform in ±1/√`fan_in`, where PyTorch's `fan_in` is
/// `out_channels / groups` times the size of the kernel.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let mut up = ConvTranspose2d::new(1, 1, 2).stride(2).bias(false).init(Cpu)?;
/// up.weight = Param::from_tensor(Tensor::from_vec(vec![1f32, 2.0, 3.0, 4.0], (1, 1, 2, 2), Cpu)?);
/// let x = Tensor::from_vec(vec![1f32, 10.0], (1, 1, 1, 2), Cpu)?;
/// let y = up.forward(&x)?.flatten_to(2)?.to_vec2::<f32>()?;
/// assert_eq!(y, [[1.0, 2.0, 10.0, 20.0], [3.0, 4.0, 30.0, 40.0]]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct ConvTranspose2d<D: Device> {
    /// `(in_channels, out_channels / groups, kernel height, kernel width)`.
    pub weight: Param<D>,
    /// `(out_channels)`; none with `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The channels of the input.
    pub in_channels: usize,
    /// The channels of the output.
    pub out_channels: usize,
    /// The height and width of the kernels.
    pub kernel_size: (usize, usize),
    /// The steps between two places of a kernel on the output.
    pub stride: (usize, usize),
    /// The rows and columns that are taken off each side of the output.
    pub padding: (usize, usize),
    /// The rows below and columns on the right that are not taken off.
    pub output_padding: (usize, usize),
    /// The blocks of channels that are convolved separately.
    pub groups: usize,
    /// The steps between two elements of a kernel.
    pub dilation: (usize, usize),
}

impl ConvTranspose2d<Meta> {
    /// Declares the layer, with a bias, stride 1, no paddings, dilation 1 and one group.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: impl ToUsize2) -> Self {
        let layer = Self {
            weight: Param::new((), init::ZERO),
            bias: None,
            in_channels,
            out_channels,
            kernel_size: kernel_size.to_usize2(),
            stride: (1, 1),
            padding: (0, 0),
            output_padding: (0, 0),
            groups: 1,
            dilation: (1, 1),
        };
        layer.declare(true)
    }

    /// The steps between two places of a kernel on the output. PyTorch's default is 1.
    #[must_use]
    pub fn stride(mut self, stride: impl ToUsize2) -> Self {
        self.stride = stride.to_usize2();
        self.redeclare()
    }

    /// The rows and columns that are taken off each side of the output. PyTorch's default is 0.
    #[must_use]
    pub fn padding(mut self, padding: impl ToUsize2) -> Self {
        self.padding = padding.to_usize2();
        self.redeclare()
    }

    /// The rows below and columns on the right that are not taken off. PyTorch's default is 0.
    #[must_use]
    pub fn output_padding(mut self, output_padding: impl ToUsize2) -> Self {
        self.output_padding = output_padding.to_usize2();
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

    /// The steps between two elements of a kernel. PyTorch's default is 1.
    #[must_use]
    pub fn dilation(mut self, dilation: impl ToUsize2) -> Self {
        self.dilation = dilation.to_usize2();
        self.redeclare()
    }

    fn redeclare(self) -> Self {
        let bias = self.bias.is_some();
        self.declare(bias)
    }

    /// Declares the parameters from the configuration.
    fn declare(mut self, bias: bool) -> Self {
        let (height, width) = self.kernel_size;
        let out_channels = self.out_channels / self.groups.max(1);
        let init = init::fan_in_uniform(out_channels * height * width);
        let weight = Spec::new((self.in_channels, out_channels, height, width), init);
        self.weight = Param::declare(match self.refused() {
            Some(reason) => weight.invalid(reason),
            None => weight,
        });
        self.bias = bias.then(|| Param::new(self.out_channels, init));
        self
    }
}

impl<D: Device> ConvTranspose2d<D> {
    /// Why PyTorch refuses the configuration, in its words where it has some.
    fn refused(&self) -> Option<String> {
        let (kernel_size, stride): ([usize; 2], [usize; 2]) = (self.kernel_size.into(), self.stride.into());
        let (dilation, output_padding): ([usize; 2], [usize; 2]) = (self.dilation.into(), self.output_padding.into());
        let sizes = [("kernel_size", &kernel_size[..]), ("stride", &stride[..]), ("dilation", &dilation[..])];
        refused_channels(self.in_channels, self.out_channels, self.groups)
            .or_else(|| refused_sizes(sizes))
            .or_else(|| refused_output_padding(&output_padding, &stride, &dilation))
    }
}

/// # Errors
///
/// The input is no image or batch of images, has not `in_channels` channels, or gives an output that the padding takes
/// off altogether; its dtype is not that of the weight.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for ConvTranspose2d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("ConvTranspose2d: {reason}")).into());
        }
        let bias = self.bias.as_ref().map(Param::as_candle);
        let geometry = Transposed {
            layer: "ConvTranspose2d",
            stride: self.stride.into(),
            dilation: self.dilation.into(),
            padding: self.padding.into(),
            output_padding: self.output_padding.into(),
            groups: self.groups,
        };
        let weight = self.weight.as_candle();
        compute(x, |x| batched("ConvTranspose2d", x, |x| conv_transpose2d(x, weight, bias, &geometry)))
    }
}
