//! [`ConvTranspose1d`]: the gradient of a convolution as a layer, from `(N, C_in, L)` to a longer `(N, C_out, L')`.

use super::batched::batched_1d;
use super::compute;
use super::conv::{refused_channels, refused_sizes};
use super::conv_transpose::{Transposed, conv_transpose1d, refused_output_padding};
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A one-dimensional transposed convolution: each element of the input lays a kernel, scaled by it, onto the output.
///
/// Corresponds to [`torch.nn.ConvTranspose1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html).
/// The input is `(N, C_in, L)` or `(C_in, L)`, the output's
/// `L' = (L - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1`. The initial values are uniform in
/// ±1/√`fan_in`, where PyTorch's `fan_in` is `out_channels / groups · kernel_size`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let mut up = ConvTranspose1d::new(1, 1, 3).stride(2).bias(false).init(Cpu)?;
/// up.weight = Param::from_tensor(Tensor::from_vec(vec![1f32, 2.0, 3.0], (1, 1, 3), Cpu)?);
/// let x = Tensor::from_vec(vec![1f32, 10.0], (1, 1, 2), Cpu)?;
/// assert_eq!(up.forward(&x)?.flatten_all()?.to_vec1::<f32>()?, [1.0, 2.0, 13.0, 20.0, 30.0]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct ConvTranspose1d<D: Device> {
    /// `(in_channels, out_channels / groups, kernel_size)`.
    pub weight: Param<D>,
    /// `(out_channels)`; none with `bias(false)`.
    pub bias: Option<Param<D>>,
    /// The channels of the input.
    pub in_channels: usize,
    /// The channels of the output.
    pub out_channels: usize,
    /// The length of the kernels.
    pub kernel_size: usize,
    /// The steps between two places of a kernel on the output.
    pub stride: usize,
    /// The elements that are taken off each side of the output.
    pub padding: usize,
    /// The elements at the end that are not taken off.
    pub output_padding: usize,
    /// The blocks of channels that are convolved separately.
    pub groups: usize,
    /// The steps between two elements of a kernel.
    pub dilation: usize,
}

impl ConvTranspose1d<Meta> {
    /// Declares the layer, with a bias, stride 1, no paddings, dilation 1 and one group.
    pub fn new(in_channels: usize, out_channels: usize, kernel_size: usize) -> Self {
        let layer = Self {
            weight: Param::new((), init::ZERO),
            bias: None,
            in_channels,
            out_channels,
            kernel_size,
            stride: 1,
            padding: 0,
            output_padding: 0,
            groups: 1,
            dilation: 1,
        };
        layer.declare(true)
    }

    /// The steps between two places of a kernel on the output. PyTorch's default is 1.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self.redeclare()
    }

    /// The elements that are taken off each side of the output. PyTorch's default is 0.
    #[must_use]
    pub fn padding(mut self, padding: usize) -> Self {
        self.padding = padding;
        self.redeclare()
    }

    /// The elements at the end that are not taken off. PyTorch's default is 0.
    #[must_use]
    pub fn output_padding(mut self, output_padding: usize) -> Self {
        self.output_padding = output_padding;
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
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self.redeclare()
    }

    fn redeclare(self) -> Self {
        let bias = self.bias.is_some();
        self.declare(bias)
    }

    /// Declares the parameters from the configuration.
    fn declare(mut self, bias: bool) -> Self {
        let out_channels = self.out_channels / self.groups.max(1);
        let init = init::fan_in_uniform(out_channels * self.kernel_size);
        let weight = Spec::new((self.in_channels, out_channels, self.kernel_size), init);
        self.weight = Param::declare(match self.refused() {
            Some(reason) => weight.invalid(reason),
            None => weight,
        });
        self.bias = bias.then(|| Param::new(self.out_channels, init));
        self
    }
}

impl<D: Device> ConvTranspose1d<D> {
    /// Why PyTorch refuses the configuration, in its words where it has some.
    fn refused(&self) -> Option<String> {
        let (kernel_size, stride, dilation) = ([self.kernel_size], [self.stride], [self.dilation]);
        let sizes = [("kernel_size", &kernel_size[..]), ("stride", &stride[..]), ("dilation", &dilation[..])];
        refused_channels(self.in_channels, self.out_channels, self.groups)
            .or_else(|| refused_sizes(sizes))
            .or_else(|| refused_output_padding(&[self.output_padding], &stride, &dilation))
    }
}

/// # Errors
///
/// The input is no signal or batch of signals, has not `in_channels` channels, or gives an output that the padding takes
/// off altogether; its dtype is not that of the weight.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for ConvTranspose1d<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        if let Some(reason) = self.refused() {
            return Err(candle_core::Error::Msg(format!("ConvTranspose1d: {reason}")).into());
        }
        let bias = self.bias.as_ref().map(Param::as_candle);
        let geometry = Transposed {
            layer: "ConvTranspose1d",
            // The height is 1: with the width's stride and dilation candle has one of each.
            stride: [self.stride; 2],
            dilation: [self.dilation; 2],
            padding: [0, self.padding],
            output_padding: [0, self.output_padding],
            groups: self.groups,
        };
        let weight = self.weight.as_candle();
        compute(x, |x| batched_1d("ConvTranspose1d", x, |x| conv_transpose1d(x, weight, bias, &geometry)))
    }
}
