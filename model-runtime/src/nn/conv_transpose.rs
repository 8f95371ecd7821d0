//! What the transposed convolutions share: candle's, with PyTorch's groups and a stride, dilation and padding per side.

use candle_core::{Tensor as Candle, bail};

use super::conv::{add_bias, spread};

/// Where the kernels are laid, each for height and width. In one dimension the height is 1.
pub(super) struct Transposed {
    pub(super) layer: &'static str,
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) padding: [usize; 2],
    pub(super) output_padding: [usize; 2],
    pub(super) groups: usize,
}

/// Why PyTorch refuses these output paddings, in its words.
pub(super) fn refused_output_padding(output_padding: &[usize], stride: &[usize], dilation: &[usize]) -> Option<String> {
    let sides = output_padding.iter().zip(stride.iter().zip(dilation));
    let is_too_large =
        |(padding, (stride, dilation)): (&usize, (&usize, &usize))| padding >= stride && padding >= dilation;
    sides.into_iter().any(is_too_large).then(|| {
        format!(
            "output padding must be smaller than either stride or dilation, got: {output_padding:?}, stride {stride:?} and dilation {dilation:?}"
        )
    })
}

/// The transposed convolution of signals `(N, C, L)`: that of images which are one high.
pub(super) fn conv_transpose1d(
    x: &Candle,
    weight: &Candle,
    bias: Option<&Candle>,
    geometry: &Transposed,
) -> candle_core::Result<Candle> {
    check_input(x, weight, geometry)?;
    transpose(&x.unsqueeze(2)?, &weight.unsqueeze(2)?, bias, geometry)?.squeeze(2)
}

/// The transposed convolution of images `(N, C, H, W)`.
pub(super) fn conv_transpose2d(
    x: &Candle,
    weight: &Candle,
    bias: Option<&Candle>,
    geometry: &Transposed,
) -> candle_core::Result<Candle> {
    check_input(x, weight, geometry)?;
    transpose(x, weight, bias, geometry)
}

fn transpose(x: &Candle, weight: &Candle, bias: Option<&Candle>, geometry: &Transposed) -> candle_core::Result<Candle> {
    // candle takes one stride and one dilation: where the sides differ, zeros stand for the steps.
    let one = |x: &Candle, [down, across]: [usize; 2]| match down == across {
        true => Ok((x.clone(), down)),
        false => candle_core::Result::Ok((spread(&spread(x, 2, down)?, 3, across)?, 1)),
    };
    let (x, stride) = one(x, geometry.stride)?;
    let (weight, dilation) = one(weight, geometry.dilation)?;
    let mut groups = Vec::with_capacity(geometry.groups);
    for (x, weight) in x.chunk(geometry.groups, 1)?.iter().zip(weight.chunk(geometry.groups, 0)?) {
        // The padding is cut off below: candle has one for both sides, and so has its gradient.
        groups.push(x.contiguous()?.conv_transpose2d(&weight.contiguous()?, 0, 0, stride, dilation)?);
    }
    let mut y = Candle::cat(&groups, 1)?;
    for side in 0..2 {
        y = cut(&y, side + 2, geometry.padding[side], geometry.output_padding[side])?;
    }
    add_bias(y.contiguous()?, bias)
}

/// Without `padding` elements before and after, and `output_padding` fewer of them after.
fn cut(y: &Candle, dim: usize, padding: usize, output_padding: usize) -> candle_core::Result<Candle> {
    let len = y.dim(dim)? + output_padding - 2 * padding;
    y.pad_with_zeros(dim, 0, output_padding.saturating_sub(padding))?.narrow(dim, padding, len)
}

/// The one check of a transposed convolution's input, for one and two dimensions.
fn check_input(x: &Candle, weight: &Candle, geometry: &Transposed) -> candle_core::Result<()> {
    let layer = geometry.layer;
    let (channels, expected) = (x.dim(1)?, weight.dim(0)?);
    if channels != expected {
        bail!("{layer}: channels of the input, expected: {expected}, got: {channels} (input {:?})", x.dims())
    }
    let sides = 4 - x.rank()..2;
    for ((side, size), kernel_size) in sides.zip(&x.dims()[2..]).zip(&weight.dims()[2..]) {
        let covered = geometry.dilation[side] * (kernel_size - 1) + geometry.output_padding[side] + 1;
        let full = size.checked_sub(1).map(|steps| steps * geometry.stride[side] + covered);
        let taken = 2 * geometry.padding[side];
        if full.is_none_or(|full| full <= taken) {
            bail!(
                "{layer}: output before padding is taken off, expected: more than {taken}, got: {} (input {:?})",
                full.unwrap_or(0),
                x.dims()
            )
        }
    }
    Ok(())
}
