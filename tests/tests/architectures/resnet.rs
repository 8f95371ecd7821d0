//! ResNet: `torchvision.models.resnet18` and `resnet50`, with a width that can be chosen.
//!
//! `block` is a class in PyTorch that `__init__` is given; here it is an enum, which adds nothing to the keys.

use model_runtime::prelude::*;

use crate::support::{Run, assert_close, loaded_and_saved};

/// Two convolutions and a way round them: the block of ResNet-18 and ResNet-34.
#[derive(Module, Clone, Debug)]
struct BasicBlock<D: Device> {
    conv1: Conv2d<D>,
    bn1: BatchNorm2d<D>,
    conv2: Conv2d<D>,
    bn2: BatchNorm2d<D>,
    downsample: Option<Sequential<(Conv2d<D>, BatchNorm2d<D>)>>,
}

/// One convolution between two that change the number of channels: the block of ResNet-50 and larger ones.
#[derive(Module, Clone, Debug)]
struct Bottleneck<D: Device> {
    conv1: Conv2d<D>,
    bn1: BatchNorm2d<D>,
    conv2: Conv2d<D>,
    bn2: BatchNorm2d<D>,
    conv3: Conv2d<D>,
    bn3: BatchNorm2d<D>,
    downsample: Option<Sequential<(Conv2d<D>, BatchNorm2d<D>)>>,
}

#[derive(Module, Clone, Debug)]
enum Block<D: Device> {
    Basic(BasicBlock<D>),
    Bottleneck(Bottleneck<D>),
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/resnet18.manifest")]
struct ResNet<D: Device> {
    conv1: Conv2d<D>,
    bn1: BatchNorm2d<D>,
    maxpool: MaxPool2d,
    layer1: Sequential<Vec<Block<D>>>,
    layer2: Sequential<Vec<Block<D>>>,
    layer3: Sequential<Vec<Block<D>>>,
    layer4: Sequential<Vec<Block<D>>>,
    avgpool: AdaptiveAvgPool2d,
    fc: Linear<D>,
}

// The file of the other variant fits the same struct.
model_runtime::check_manifest!(ResNet<Meta>, "../../fixtures/architectures/resnet50.manifest");

/// Which block a network is made of.
#[derive(Clone, Copy)]
enum Kind {
    Basic,
    Bottleneck,
}

impl Kind {
    /// The output's channels over `planes`.
    fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }

    fn block(self, inplanes: usize, planes: usize, stride: usize) -> Block<Meta> {
        let out = planes * self.expansion();
        let downsample = (stride != 1 || inplanes != out).then(|| {
            Sequential::new((Conv2d::new(inplanes, out, 1).stride(stride).bias(false), BatchNorm2d::new(out)))
        });
        let conv3x3 = |inplanes| Conv2d::new(inplanes, planes, 3).padding(1).bias(false);
        match self {
            Self::Basic => Block::Basic(BasicBlock {
                conv1: conv3x3(inplanes).stride(stride),
                bn1: BatchNorm2d::new(planes),
                conv2: conv3x3(planes),
                bn2: BatchNorm2d::new(planes),
                downsample,
            }),
            Self::Bottleneck => Block::Bottleneck(Bottleneck {
                conv1: Conv2d::new(inplanes, planes, 1).bias(false),
                bn1: BatchNorm2d::new(planes),
                conv2: conv3x3(planes).stride(stride),
                bn2: BatchNorm2d::new(planes),
                conv3: Conv2d::new(planes, out, 1).bias(false),
                bn3: BatchNorm2d::new(out),
                downsample,
            }),
        }
    }
}

impl ResNet<Meta> {
    /// `width` is 64 in torchvision.
    fn new(kind: Kind, layers: [usize; 4], num_classes: usize, width: usize) -> Self {
        let mut inplanes = width;
        let mut layer = |planes: usize, blocks: usize, stride: usize| {
            let first = kind.block(inplanes, planes, stride);
            inplanes = planes * kind.expansion();
            let rest = (1..blocks).map(|_| kind.block(inplanes, planes, 1));
            Sequential::new(std::iter::once(first).chain(rest).collect::<Vec<_>>())
        };
        Self {
            conv1: Conv2d::new(3, width, 7).stride(2).padding(3).bias(false),
            bn1: BatchNorm2d::new(width),
            maxpool: MaxPool2d::new(3).stride(2).padding(1),
            layer1: layer(width, layers[0], 1),
            layer2: layer(width * 2, layers[1], 2),
            layer3: layer(width * 4, layers[2], 2),
            layer4: layer(width * 8, layers[3], 2),
            avgpool: AdaptiveAvgPool2d::new(1),
            fc: Linear::new(width * 8 * kind.expansion(), num_classes),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for BasicBlock<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let out = self.bn1.forward(&self.conv1.forward(x)?)?.relu()?;
        let out = self.bn2.forward(&self.conv2.forward(&out)?)?;
        match &self.downsample {
            Some(downsample) => (out + downsample.forward(x)?)?.relu(),
            None => (out + x)?.relu(),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Bottleneck<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let out = self.bn1.forward(&self.conv1.forward(x)?)?.relu()?;
        let out = self.bn2.forward(&self.conv2.forward(&out)?)?.relu()?;
        let out = self.bn3.forward(&self.conv3.forward(&out)?)?;
        match &self.downsample {
            Some(downsample) => (out + downsample.forward(x)?)?.relu(),
            None => (out + x)?.relu(),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Block<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        match self {
            Self::Basic(block) => block.forward(x),
            Self::Bottleneck(block) => block.forward(x),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for ResNet<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x = self.bn1.forward(&self.conv1.forward(x)?)?.relu()?;
        let x = self.layer1.forward(&self.maxpool.forward(&x)?)?;
        let x = self.layer4.forward(&self.layer3.forward(&self.layer2.forward(&x)?)?)?;
        self.fc.forward(&self.avgpool.forward(&x)?.flatten_from(1)?)
    }
}

#[test]
fn resnet18_computes_what_torch_computes() {
    let net = loaded_and_saved(&ResNet::new(Kind::Basic, [2, 2, 2, 2], 5, 2), "resnet18");
    let run = Run::of("resnet18");
    assert_close(&net.forward(&run.get("image")).unwrap(), &run.get("logits"));
}

#[test]
fn resnet50s_bottlenecks_compute_what_torch_computes() {
    let net = loaded_and_saved(&ResNet::new(Kind::Bottleneck, [1, 2, 1, 1], 5, 2), "resnet50");
    let run = Run::of("resnet50");
    assert_close(&net.forward(&run.get("image")).unwrap(), &run.get("logits"));
}

#[test]
fn the_published_sizes_have_the_published_numbers_of_parameters() {
    // The numbers in torchvision's table of weights; nothing is allocated for them.
    assert_eq!(ResNet::new(Kind::Basic, [2, 2, 2, 2], 1000, 64).num_parameters(), 11_689_512);
    assert_eq!(ResNet::new(Kind::Bottleneck, [3, 4, 6, 3], 1000, 64).num_parameters(), 25_557_032);
}
