//! A U-Net, as in `milesial/Pytorch-UNet`, with group norms in place of batch norms.
//!
//! `self.up` is an `Upsample` or a `ConvTranspose2d`, as the constructor is told: an enum, which adds nothing to the keys.

use model_runtime::prelude::*;

use crate::support::{Run, assert_close, loaded_and_saved};

/// Twice a convolution with its norm.
type Convs<D> = (Conv2d<D>, GroupNorm<D>, ReLU, Conv2d<D>, GroupNorm<D>, ReLU);

#[derive(Module, Clone, Debug)]
struct DoubleConv<D: Device> {
    double_conv: Sequential<Convs<D>>, // double_conv.0.weight, double_conv.1.weight, double_conv.1.bias, ...
}

#[derive(Module, Clone, Debug)]
struct Down<D: Device> {
    maxpool_conv: Sequential<(MaxPool2d, DoubleConv<D>)>,
}

#[derive(Module, Clone, Debug)]
enum Upscale<D: Device> {
    Bilinear(Upsample),
    Transposed(ConvTranspose2d<D>),
}

#[derive(Module, Clone, Debug)]
struct Up<D: Device> {
    up: Upscale<D>,
    conv: DoubleConv<D>,
}

#[derive(Module, Clone, Debug)]
struct OutConv<D: Device> {
    conv: Conv2d<D>,
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/unet.manifest")]
struct UNet<D: Device> {
    inc: DoubleConv<D>,
    down1: Down<D>,
    down2: Down<D>,
    up1: Up<D>,
    up2: Up<D>,
    outc: OutConv<D>,
}

// The file of the other variant fits the same struct.
model_runtime::check_manifest!(UNet<Meta>, "../../fixtures/architectures/unet_bilinear.manifest");

impl DoubleConv<Meta> {
    fn new(in_channels: usize, mid_channels: usize, out_channels: usize) -> Self {
        let conv = |from, to| Conv2d::new(from, to, 3).padding(1).bias(false);
        let double_conv = Sequential::new((
            conv(in_channels, mid_channels),
            GroupNorm::new(2, mid_channels),
            ReLU,
            conv(mid_channels, out_channels),
            GroupNorm::new(2, out_channels),
            ReLU,
        ));
        Self { double_conv }
    }
}

impl Down<Meta> {
    fn new(in_channels: usize, out_channels: usize) -> Self {
        let conv = DoubleConv::new(in_channels, out_channels, out_channels);
        Self { maxpool_conv: Sequential::new((MaxPool2d::new(2), conv)) }
    }
}

impl Up<Meta> {
    fn new(in_channels: usize, out_channels: usize, bilinear: bool) -> Self {
        let half = in_channels / 2;
        if bilinear {
            let up = Upsample::scale_factor(2.0).mode(UpsampleMode::Bilinear).align_corners(true);
            Self { up: Upscale::Bilinear(up), conv: DoubleConv::new(in_channels, half, out_channels) }
        } else {
            let up = ConvTranspose2d::new(in_channels, half, 2).stride(2);
            Self { up: Upscale::Transposed(up), conv: DoubleConv::new(in_channels, out_channels, out_channels) }
        }
    }
}

impl UNet<Meta> {
    fn new(n_channels: usize, n_classes: usize, width: usize, bilinear: bool) -> Self {
        let factor = if bilinear { 2 } else { 1 };
        Self {
            inc: DoubleConv::new(n_channels, width, width),
            down1: Down::new(width, width * 2),
            down2: Down::new(width * 2, width * 4 / factor),
            up1: Up::new(width * 4, width * 2 / factor, bilinear),
            up2: Up::new(width * 2, width, bilinear),
            outc: OutConv { conv: Conv2d::new(width, n_classes, 1) },
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for DoubleConv<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.double_conv.forward(x)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Down<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.maxpool_conv.forward(x)
    }
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Up<D> {
    type Output = Tensor<D>;

    /// `x` from below, `skip` from the way down.
    fn forward(&self, (x, skip): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        let x = match &self.up {
            Upscale::Bilinear(up) => up.forward(x)?,
            Upscale::Transposed(up) => up.forward(x)?,
        };
        // The way down rounds odd sizes down.
        let (down, across) = (skip.dim(2)? - x.dim(2)?, skip.dim(3)? - x.dim(3)?);
        let x = x.pad_with_zeros(2, down / 2, down - down / 2)?;
        let x = x.pad_with_zeros(3, across / 2, across - across / 2)?;
        self.conv.forward(&Tensor::cat(&[skip, &x], 1)?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for UNet<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x1 = self.inc.forward(x)?;
        let x2 = self.down1.forward(&x1)?;
        let x3 = self.down2.forward(&x2)?;
        let x = self.up1.forward((&x3, &x2))?;
        self.outc.conv.forward(&self.up2.forward((&x, &x1))?)
    }
}

#[test]
fn a_unet_with_transposed_convolutions_computes_what_torch_computes() {
    let net = loaded_and_saved(&UNet::new(3, 2, 4, false), "unet");
    let run = Run::of("unet");
    assert_close(&net.forward(&run.get("image")).unwrap(), &run.get("mask"));
}

#[test]
fn a_unet_with_upsampling_computes_what_torch_computes() {
    let net = loaded_and_saved(&UNet::new(3, 2, 4, true), "unet_bilinear");
    let run = Run::of("unet_bilinear");
    assert_close(&net.forward(&run.get("image")).unwrap(), &run.get("mask"));
}
