//! What the convolutions share: how they are checked, and candle's convolution with a stride, dilation and padding per side.

use candle_core::{Tensor as Candle, bail};

use super::padding_mode::PaddingMode;

/// Where the kernels are laid, each for height and width. In one dimension the height is 1.
pub(super) struct Geometry {
    pub(super) layer: &'static str,
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: [(usize, usize); 2],
    pub(super) mode: PaddingMode,
    pub(super) groups: usize,
}

impl Geometry {
    /// Padding, stride and dilation where candle computes it as it is: all sides alike, and no wrong gradient to avoid.
    #[inline]
    fn plain(&self, x: &Candle, weight: &Candle) -> Option<(usize, usize, usize)> {
        let ([stride, across], [dilation, beside], [(top, bottom), (left, right)]) =
            (self.stride, self.dilation, self.padding);
        let is_even = stride == across && dilation == beside && [bottom, left, right] == [top; 3];
        (is_even && !is_exact(x, weight, stride)).then_some((top, stride, dilation))
    }
}

/// The input with what is around it where that is not zeros, and what is left to do.
#[cold]
fn surrounded(x: &Candle, geometry: &Geometry) -> candle_core::Result<(Candle, Geometry)> {
    let mut padded = x.clone();
    let sides = 4 - x.rank()..2;
    for (dim, side) in sides.enumerate() {
        padded = geometry.mode.pad(geometry.layer, &padded, dim + 2, geometry.padding[side])?;
    }
    Ok((padded, Geometry { padding: [(0, 0); 2], mode: PaddingMode::Zeros, ..*geometry }))
}

/// Whether the rows and columns that a stride leaves out are cut off first: candle's gradient takes the number of rows for
/// both.
fn is_exact(x: &Candle, weight: &Candle, stride: usize) -> bool {
    stride > 1 && (x.track_op() || weight.track_op())
}

/// Why PyTorch refuses these channels and groups, in its words.
#[inline]
pub(super) fn refused_channels(in_channels: usize, out_channels: usize, groups: usize) -> Option<String> {
    if groups == 0 {
        return Some("groups must be a positive integer, got: 0".to_owned());
    }
    let channels = [("in_channels", in_channels), ("out_channels", out_channels)];
    let (name, channels) = channels.into_iter().find(|(_, channels)| channels % groups != 0)?;
    Some(format!("{name} must be divisible by groups, got: {channels} and {groups}"))
}

/// Why PyTorch refuses one of these sizes of a window, in its words.
#[inline]
pub(super) fn refused_sizes(sizes: [(&str, &[usize]); 3]) -> Option<String> {
    let (name, size) = sizes.into_iter().find(|(_, size)| size.contains(&0))?;
    let size = size.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    Some(format!("{name} should be greater than zero, got: ({size})"))
}

/// The convolution of signals `(N, C, L)`: that of images which are one high.
pub(super) fn conv1d(
    x: &Candle,
    weight: &Candle,
    bias: Option<&Candle>,
    geometry: &Geometry,
) -> candle_core::Result<Candle> {
    if geometry.mode != PaddingMode::Zeros {
        let (x, geometry) = surrounded(x, geometry)?;
        return conv1d(&x, weight, bias, &geometry);
    }
    check_input(x, weight, geometry)?;
    convolve(&x.unsqueeze(2)?, &weight.unsqueeze(2)?, bias, geometry)?.squeeze(2)
}

/// The convolution of images `(N, C, H, W)`.
#[inline]
pub(super) fn conv2d(
    x: &Candle,
    weight: &Candle,
    bias: Option<&Candle>,
    geometry: &Geometry,
) -> candle_core::Result<Candle> {
    if geometry.mode != PaddingMode::Zeros {
        let (x, geometry) = surrounded(x, geometry)?;
        return conv2d(&x, weight, bias, &geometry);
    }
    check_input(x, weight, geometry)?;
    convolve(x, weight, bias, geometry)
}

fn convolve(x: &Candle, weight: &Candle, bias: Option<&Candle>, geometry: &Geometry) -> candle_core::Result<Candle> {
    if let Some((padding, stride, dilation)) = geometry.plain(x, weight) {
        return add_bias(x.conv2d(weight, padding, stride, dilation, geometry.groups)?, bias);
    }
    let [down, across] = geometry.dilation;
    let (weight, dilation) =
        if down == across { (weight.clone(), down) } else { (spread(&spread(weight, 2, down)?, 3, across)?, 1) };
    let [down, across] = geometry.stride;
    let stride = if down == across { down } else { 1 };
    let (x, padding) = padded(x, &weight, geometry, stride, dilation)?;
    let y = x.conv2d(&weight, padding, stride, dilation, geometry.groups)?;
    let y = every(&every(&y, 2, down / stride)?, 3, across / stride)?;
    add_bias(y, bias)
}

/// The input with zeros around it, less those that candle adds itself.
fn padded(
    x: &Candle,
    weight: &Candle,
    geometry: &Geometry,
    stride: usize,
    dilation: usize,
) -> candle_core::Result<(Candle, usize)> {
    let [(top, bottom), (left, right)] = geometry.padding;
    let is_exact = is_exact(x, weight, stride);
    // candle pads all four sides alike: the least of them there, the rest here.
    let padding = if is_exact { 0 } else { top.min(bottom).min(left).min(right) };
    let x = x.pad_with_zeros(2, top - padding, bottom - padding)?;
    let x = x.pad_with_zeros(3, left - padding, right - padding)?;
    if !is_exact {
        return Ok((x, padding));
    }
    // A stride may leave the last rows and columns out.
    let covered = |side: usize| -> candle_core::Result<usize> {
        let kernel = dilation * (weight.dim(side)? - 1) + 1;
        Ok((x.dim(side)? - kernel) / stride * stride + kernel)
    };
    let (height, width) = (covered(2)?, covered(3)?);
    Ok((x.narrow(2, 0, height)?.narrow(3, 0, width)?.contiguous()?, 0))
}

/// The one check of a convolution's input, for one and two dimensions.
#[inline]
fn check_input(x: &Candle, weight: &Candle, geometry: &Geometry) -> candle_core::Result<()> {
    let Geometry { layer, groups, .. } = geometry;
    let ([_, channels, sizes @ ..], [_, of_group, kernel @ ..]) = (x.dims(), weight.dims()) else {
        bail!("{layer}: shape of the weight, expected: as many dimensions as the input, got: {:?}", weight.dims())
    };
    let expected = of_group * groups;
    if *channels != expected {
        bail!("{layer}: channels of the input, expected: {expected}, got: {channels} (input {:?})", x.dims())
    }
    let sides = 2 - sizes.len()..2;
    for ((side, size), kernel_size) in sides.zip(sizes).zip(kernel) {
        let padded = size + geometry.padding[side].0 + geometry.padding[side].1;
        let covered = geometry.dilation[side] * (kernel_size - 1) + 1;
        if covered > padded {
            bail!(
                "{layer}: padded input, expected: at least the kernel's {covered}, got: {padded} (input {:?})",
                x.dims()
            )
        }
    }
    Ok(())
}

#[inline]
pub(super) fn add_bias(y: Candle, bias: Option<&Candle>) -> candle_core::Result<Candle> {
    match bias {
        Some(bias) => y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?),
        None => Ok(y),
    }
}

/// The elements of a dimension with `step - 1` zeros between any two.
pub(super) fn spread(x: &Candle, dim: usize, step: usize) -> candle_core::Result<Candle> {
    if step == 1 {
        return Ok(x.clone());
    }
    let mut dims = x.dims().to_vec();
    let len = (dims[dim] - 1) * step + 1;
    dims[dim] *= step;
    x.unsqueeze(dim + 1)?.pad_with_zeros(dim + 1, 0, step - 1)?.reshape(dims)?.narrow(dim, 0, len)?.contiguous()
}

/// Every `step`-th element of a dimension.
fn every(y: &Candle, dim: usize, step: usize) -> candle_core::Result<Candle> {
    if step == 1 {
        return Ok(y.clone());
    }
    let kept: Vec<u32> = (0..y.dim(dim)? as u32).step_by(step).collect();
    y.index_select(&Candle::new(kept, y.device())?, dim)
}
