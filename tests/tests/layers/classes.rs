//! The layer that a fixture is about: its class in `torch.nn`, and ours.

use model_runtime::prelude::*;
use serde_json::Value;

use crate::args::{Args, set};

/// What a test does with a layer of any type.
pub trait Check {
    fn check<M>(&self, layer: M)
    where
        M: Module,
        M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>;
}

fn linear(args: &Args) -> Linear<Meta> {
    let layer = Linear::new(args.usize("in_features"), args.usize("out_features"));
    set!(layer, args, bias: bool);
    layer
}

fn padding_mode(args: &Args) -> PaddingMode {
    match args.get("padding_mode").and_then(Value::as_str) {
        None => PaddingMode::default(),
        Some("reflect") => PaddingMode::Reflect,
        Some("replicate") => PaddingMode::Replicate,
        Some("circular") => PaddingMode::Circular,
        Some(other) => panic!("padding_mode {other}"),
    }
}

fn conv2d(args: &Args) -> Conv2d<Meta> {
    let kernel_size = args.size("kernel_size").unwrap();
    let layer = Conv2d::new(args.usize("in_channels"), args.usize("out_channels"), kernel_size);
    set!(layer, args, stride: size, dilation: size, groups: usize_if_any, bias: bool);
    let layer = layer.padding_mode(padding_mode(args));
    match args.get("padding").and_then(Value::as_str) {
        Some("same") => layer.padding(Padding::Same),
        Some("valid") => layer.padding(Padding::Valid),
        Some(other) => panic!("padding {other}"),
        None => layer.padding(args.size("padding").unwrap_or((0, 0))),
    }
}

fn batch_norm2d(args: &Args) -> BatchNorm2d<Meta> {
    let layer = BatchNorm2d::new(args.usize("num_features"));
    set!(layer, args, eps: f64, momentum: momentum, affine: bool, track_running_stats: bool);
    layer
}

fn max_pool2d(args: &Args) -> MaxPool2d {
    let layer = MaxPool2d::new(args.size("kernel_size").unwrap());
    set!(layer, args, stride: size, padding: size, dilation: size, ceil_mode: bool);
    layer
}

fn layer_norm(args: &Args) -> LayerNorm<Meta> {
    let layer = LayerNorm::new(normalized_shape(args));
    set!(layer, args, eps: f64, elementwise_affine: bool, bias: bool);
    layer
}

fn normalized_shape(args: &Args) -> Vec<usize> {
    match args.get("normalized_shape").unwrap() {
        Value::Array(sizes) => sizes.iter().map(|size| size.as_u64().unwrap() as usize).collect(),
        size => vec![size.as_u64().unwrap() as usize],
    }
}

fn conv1d(args: &Args) -> Conv1d<Meta> {
    let sizes = (args.usize("in_channels"), args.usize("out_channels"), args.usize("kernel_size"));
    let layer = Conv1d::new(sizes.0, sizes.1, sizes.2);
    set!(layer, args, stride: usize_if_any, dilation: usize_if_any, groups: usize_if_any, bias: bool);
    let layer = layer.padding_mode(padding_mode(args));
    match args.get("padding").and_then(Value::as_str) {
        Some("same") => layer.padding(Padding::Same),
        Some("valid") => layer.padding(Padding::Valid),
        Some(other) => panic!("padding {other}"),
        None => layer.padding(args.usize_if_any("padding").unwrap_or(0)),
    }
}

fn conv_transpose1d(args: &Args) -> ConvTranspose1d<Meta> {
    let sizes = (args.usize("in_channels"), args.usize("out_channels"), args.usize("kernel_size"));
    let layer = ConvTranspose1d::new(sizes.0, sizes.1, sizes.2);
    set!(layer, args, stride: usize_if_any, padding: usize_if_any, output_padding: usize_if_any);
    set!(layer, args, groups: usize_if_any, bias: bool, dilation: usize_if_any);
    layer
}

fn conv_transpose2d(args: &Args) -> ConvTranspose2d<Meta> {
    let kernel_size = args.size("kernel_size").unwrap();
    let layer = ConvTranspose2d::new(args.usize("in_channels"), args.usize("out_channels"), kernel_size);
    set!(layer, args, stride: size, padding: size, output_padding: size);
    set!(layer, args, groups: usize_if_any, bias: bool, dilation: size);
    layer
}

fn upsample(args: &Args) -> Upsample {
    let layer = match (args.list("size"), args.list("scale_factor")) {
        (Some(size), None) => Upsample::size(size.iter().map(|side| *side as usize).collect::<Vec<_>>()),
        (None, Some(factors)) if factors.len() == 1 => Upsample::scale_factor(factors[0]),
        (None, Some(factors)) => Upsample::scale_factors(factors),
        other => panic!("size and scale_factor {other:?}"),
    };
    let layer = match args.get("mode").and_then(Value::as_str) {
        None => layer,
        Some("linear") => layer.mode(UpsampleMode::Linear),
        Some("bilinear") => layer.mode(UpsampleMode::Bilinear),
        Some(other) => panic!("mode {other}"),
    };
    set!(layer, args, align_corners: bool);
    layer
}

fn flatten(args: &Args) -> Flatten {
    let layer = Flatten::new();
    set!(layer, args, start_dim: isize, end_dim: isize);
    layer
}

/// The one `Sequential` of each list of classes that the fixtures have.
fn sequential(entry: &Value, check: &impl Check) {
    let layers = entry["args"].as_array().unwrap();
    let classes: Vec<_> = layers.iter().map(|layer| layer["class"].as_str().unwrap()).collect();
    let args: Vec<_> = layers.iter().map(Args::of).collect();
    match classes[..] {
        ["Linear", "ReLU", "Linear"] => check.check(Sequential::new((linear(&args[0]), ReLU, linear(&args[2])))),
        ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Flatten", "Linear"] => check.check(Sequential::new((
            conv2d(&args[0]),
            batch_norm2d(&args[1]),
            ReLU,
            max_pool2d(&args[3]),
            flatten(&args[4]),
            linear(&args[5]),
        ))),
        _ => panic!("a Sequential that this test does not know: {classes:?}"),
    }
    args.iter().for_each(Args::check_all_used);
}

pub fn with_layer(entry: &Value, check: &impl Check) {
    let class = entry["class"].as_str().unwrap();
    if class == "Sequential" {
        return sequential(entry, check);
    }
    let args = &Args::of(entry);
    match class {
        "Linear" => check.check(linear(args)),
        "Conv2d" => check.check(conv2d(args)),
        "BatchNorm2d" => check.check(batch_norm2d(args)),
        "LayerNorm" => check.check(layer_norm(args)),
        "MaxPool2d" => check.check(max_pool2d(args)),
        "Flatten" => check.check(flatten(args)),
        "Embedding" => {
            let layer = Embedding::new(args.usize("num_embeddings"), args.usize("embedding_dim"));
            set!(layer, args, padding_idx: isize);
            check.check(layer);
        }
        "AvgPool2d" => {
            let layer = AvgPool2d::new(args.size("kernel_size").unwrap());
            set!(layer, args, stride: size, padding: size, ceil_mode: bool, count_include_pad: bool);
            check.check(layer);
        }
        "AdaptiveAvgPool2d" => check.check(AdaptiveAvgPool2d::new(args.size("output_size").unwrap())),
        "Softmax" => check.check(Softmax::new(args.isize("dim").unwrap())),
        "LogSoftmax" => check.check(LogSoftmax::new(args.isize("dim").unwrap())),
        "Dropout" => check.check(Dropout::new(args.f64("p").unwrap())),
        "Conv1d" => check.check(conv1d(args)),
        "ConvTranspose1d" => check.check(conv_transpose1d(args)),
        "ConvTranspose2d" => check.check(conv_transpose2d(args)),
        "BatchNorm1d" | "GroupNorm" | "InstanceNorm2d" | "RMSNorm" => with_norm(class, args, check),
        "Upsample" => check.check(upsample(args)),
        _ => with_activation(class, args, check),
    }
    args.check_all_used();
}

fn gelu(args: &Args) -> GELU {
    match args.get("approximate").and_then(Value::as_str) {
        Some("none") => GELU::new(),
        Some("tanh") => GELU::new().approximate(Approximate::Tanh),
        other => panic!("approximate {other:?}"),
    }
}

fn with_norm(class: &str, args: &Args, check: &impl Check) {
    match class {
        "BatchNorm1d" => {
            let layer = BatchNorm1d::new(args.usize("num_features"));
            set!(layer, args, eps: f64, momentum: momentum, affine: bool);
            check.check(layer);
        }
        "GroupNorm" => {
            let layer = GroupNorm::new(args.usize("num_groups"), args.usize("num_channels"));
            set!(layer, args, eps: f64, affine: bool, bias: bool);
            check.check(layer);
        }
        "InstanceNorm2d" => {
            let layer = InstanceNorm2d::new(args.usize("num_features"));
            set!(layer, args, eps: f64, affine: bool, track_running_stats: bool, momentum: momentum);
            check.check(layer);
        }
        "RMSNorm" => {
            let layer = RMSNorm::new(normalized_shape(args));
            set!(layer, args, eps: f64, elementwise_affine: bool);
            check.check(layer);
        }
        _ => panic!("a norm that this test does not know: {class}"),
    }
}

fn with_activation(class: &str, args: &Args, check: &impl Check) {
    match class {
        "Identity" => check.check(Identity),
        "ReLU" => check.check(ReLU),
        "ReLU6" => check.check(ReLU6),
        "SiLU" => check.check(SiLU),
        "Sigmoid" => check.check(Sigmoid),
        "Tanh" => check.check(Tanh),
        "Hardswish" => check.check(Hardswish),
        "Hardsigmoid" => check.check(Hardsigmoid),
        "Mish" => check.check(Mish),
        "GELU" => check.check(gelu(args)),
        "LeakyReLU" => {
            let layer = LeakyReLU::new();
            set!(layer, args, negative_slope: f64);
            check.check(layer);
        }
        "PReLU" => {
            let layer = PReLU::new();
            set!(layer, args, num_parameters: usize_if_any);
            check.check(layer);
        }
        "ELU" => {
            let layer = ELU::new();
            set!(layer, args, alpha: f64);
            check.check(layer);
        }
        "Softplus" => {
            let layer = Softplus::new();
            set!(layer, args, beta: f64, threshold: f64);
            check.check(layer);
        }
        "Hardtanh" => {
            let layer = Hardtanh::new();
            set!(layer, args, min_val: f64, max_val: f64);
            check.check(layer);
        }
        _ => panic!("a class that this test does not know: {class}"),
    }
}
