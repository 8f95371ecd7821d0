//! Layers in training: modes, running statistics, gradients, half types.

use candle_core::Var;
use model_runtime::prelude::*;

fn tensor(values: &[f32], shape: &[usize]) -> Tensor<Cpu> {
    Tensor::from_vec(values.to_vec(), shape, Cpu).unwrap()
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_dtype(DType::F32).unwrap().to_vec1().unwrap()
}

fn ramp(shape: &[usize]) -> Tensor<Cpu> {
    let count = shape.iter().product::<usize>();
    tensor(&(0..count).map(|i| (i as f32 * 0.7).sin() * 3.0).collect::<Vec<_>>(), shape)
}

/// The gradient of the sum of `weights · layer(x)` at `x`.
fn gradient<M>(layer: &M, x: &Tensor<Cpu>, weights: &Tensor<Cpu>) -> Vec<f32>
where
    M: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
{
    let var = Var::from_tensor(x.as_candle()).unwrap();
    let x = Tensor::<Cpu>::try_from_candle(var.as_tensor().clone()).unwrap();
    let y = layer.forward(&x).unwrap();
    let loss = y.as_candle().mul(weights.as_candle()).unwrap().sum_all().unwrap();
    let gradients = loss.backward().unwrap();
    gradients.get(var.as_tensor()).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// The same gradient by differences.
fn differences<M>(layer: &M, x: &Tensor<Cpu>, weights: &Tensor<Cpu>) -> Vec<f32>
where
    M: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
{
    const STEP: f32 = 1e-2;
    let loss = |values: &[f32]| {
        let y = layer.forward(&tensor(values, x.dims())).unwrap();
        y.as_candle().mul(weights.as_candle()).unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap()
    };
    let at = values(x);
    let slope = |index: usize| {
        let (mut below, mut above) = (at.clone(), at.clone());
        below[index] -= STEP;
        above[index] += STEP;
        (loss(&above) - loss(&below)) / (2.0 * STEP)
    };
    (0..at.len()).map(slope).collect()
}

#[track_caller]
fn assert_gradient<M>(layer: &M, x: &Tensor<Cpu>)
where
    M: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
{
    let y = layer.forward(x).unwrap();
    let weights = ramp(y.dims());
    let (got, expected) = (gradient(layer, x, &weights), differences(layer, x, &weights));
    for (index, (got, expected)) in got.into_iter().zip(expected).enumerate() {
        assert!((got - expected).abs() < 2e-2 * expected.abs().max(1.0), "element {index}: {expected}, got: {got}");
    }
}

#[test]
fn poolings_with_overlapping_or_partial_windows_have_gradients() {
    let x = ramp(&[1, 2, 5, 6]);
    assert_gradient(&MaxPool2d::new(2), &x);
    assert_gradient(&MaxPool2d::new(3).stride(2).padding(1), &x);
    assert_gradient(&MaxPool2d::new(2).ceil_mode(true), &x);
    assert_gradient(&AvgPool2d::new(2), &x);
    assert_gradient(&AvgPool2d::new(3).stride(2).padding(1).count_include_pad(false), &x);
    assert_gradient(&AdaptiveAvgPool2d::new((2, 4)), &x);
    assert_gradient(&AdaptiveAvgPool2d::new(1), &x);
}

#[test]
fn normalisations_have_gradients() {
    let layer_norm = LayerNorm::new(6).init(Cpu).unwrap();
    assert_gradient(&layer_norm, &ramp(&[3, 6]));
    let batch_norm = BatchNorm2d::new(2).track_running_stats(false).init(Cpu).unwrap();
    assert_gradient(&batch_norm, &ramp(&[2, 2, 2, 3]));
}

#[test]
fn activations_have_gradients_also_where_the_exponential_overflows() {
    let x = tensor(&[-100.0, -3.0, -0.5, 0.5, 3.0, 30.0, 100.0], &[7]);
    assert_gradient(&Softplus::new(), &x);
    assert_gradient(&Mish, &x);
    assert_gradient(&SiLU, &x.narrow(0, 1, 5).unwrap());
    assert_gradient(&ELU::new(), &x);
    assert_gradient(&LeakyReLU::new(), &x);
    assert_gradient(&Softmax::new(-1), &x.narrow(0, 1, 4).unwrap());
    assert_gradient(&LogSoftmax::new(0), &x.narrow(0, 1, 4).unwrap());
}

#[test]
fn convolutions_with_a_stride_per_side_have_gradients() {
    let conv = Conv2d::new(2, 2, 3).stride((2, 1)).padding((0, 1)).dilation((1, 2)).init_seeded(Cpu, 1).unwrap();
    assert_gradient(&conv, &ramp(&[1, 2, 6, 7]));
}

#[test]
fn a_row_of_padding_is_not_trained() {
    let embedding = Embedding::new(3, 2).padding_idx(1).init(Cpu).unwrap();
    let rows = embedding.forward(&Tensor::from_vec(vec![0u32, 1, 1, 2], (2, 2), Cpu).unwrap()).unwrap();
    let gradients = rows.as_candle().sum_all().unwrap().backward().unwrap();
    let gradient = gradients.get(embedding.weight.as_candle()).unwrap().to_vec2::<f32>().unwrap();
    assert_eq!(gradient, [[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]);
}

#[test]
fn every_parameter_of_a_network_gets_a_gradient() {
    let net = Sequential::new((
        Conv2d::new(1, 2, 3).padding(1),
        BatchNorm2d::new(2),
        PReLU::new(),
        MaxPool2d::new(3).stride(2),
        Flatten::new(),
        Linear::new(8, 6),
        LayerNorm::new(6),
    ));
    let net = net.init_seeded(Cpu, 3).unwrap();
    let y = net.forward(&ramp(&[3, 1, 6, 6])).unwrap();
    let gradients = y.as_candle().sqr().unwrap().sum_all().unwrap().backward().unwrap();
    for (key, leaf) in net.named_parameters() {
        assert!(gradients.get(leaf.tensor().unwrap()).is_some(), "{key}");
    }
}

#[test]
fn running_statistics_are_updated_in_place_and_only_in_training() {
    let norm = BatchNorm2d::new(1).init(Cpu).unwrap();
    let tied = norm.running_mean.clone().unwrap();
    let x = tensor(&[1.0, 3.0], &[1, 1, 1, 2]);
    let _ = norm.forward(&x).unwrap();
    assert_eq!(values(&tied), [0.2]);
    norm.eval();
    let _ = norm.forward(&x).unwrap();
    assert_eq!(values(&tied), [0.2]);
    assert_eq!(norm.num_batches_tracked.unwrap().to_scalar::<i64>().unwrap(), 1);
}

#[test]
fn a_trained_batch_norm_saves_its_running_statistics() {
    let norm = BatchNorm2d::new(1).momentum(None).init(Cpu).unwrap();
    for mean in [1.0, 2.0, 6.0] {
        let _ = norm.forward(&tensor(&[mean - 1.0, mean + 1.0], &[1, 1, 1, 2])).unwrap();
    }
    let loaded = BatchNorm2d::new(1).load_state_dict(&norm.state_dict().unwrap(), Cpu).unwrap();
    assert!((values(&loaded.running_mean.unwrap())[0] - 3.0).abs() < 1e-6);
    assert_eq!(loaded.num_batches_tracked.unwrap().to_scalar::<i64>().unwrap(), 3);
}

#[test]
fn dropout_keeps_the_mean_in_training_and_everything_in_evaluation() {
    let dropout = Dropout::new(0.25);
    let x = Tensor::ones(10_000, DType::F32, Cpu).unwrap();
    let y = values(&dropout.forward(&x).unwrap());
    let kept = y.iter().filter(|y| **y != 0.0).count();
    assert!(y.iter().all(|y| *y == 0.0 || (*y - 4.0 / 3.0).abs() < 1e-6));
    assert!((7_250..7_750).contains(&kept), "kept {kept} of 10000");
    dropout.eval();
    assert_eq!(values(&dropout.forward(&x).unwrap()), values(&x));
}

#[test]
fn half_types_are_computed_in_single_precision() {
    let x = tensor(&[-2.0, -0.5, 0.25, 1.0, 3.0, 1000.0], &[1, 6]);
    let half = x.to_dtype(DType::BF16).unwrap();
    let norm = LayerNorm::new(6).init(Cpu).unwrap();
    let mut rms = RMSNorm::new(6).init(Cpu).unwrap();
    rms.weight = Some(Param::from_tensor(tensor(&[0.7, 1.3, 0.9, 1.1, 1.6, 0.4], &[6])));
    let group = GroupNorm::new(2, 6).init(Cpu).unwrap();
    for (exact, half) in [
        (Mish.forward(&x).unwrap(), Mish.forward(&half).unwrap()),
        (Softplus::new().forward(&x).unwrap(), Softplus::new().forward(&half).unwrap()),
        (Softmax::new(-1).forward(&x).unwrap(), Softmax::new(-1).forward(&half).unwrap()),
        (norm.forward(&x).unwrap(), norm.forward(&half).unwrap()),
        (rms.forward(&x).unwrap(), rms.forward(&half).unwrap()),
        (group.forward(&x).unwrap(), group.forward(&half).unwrap()),
    ] {
        assert_eq!(half.dtype(), DType::BF16);
        // One rounding to the eight bits of a bf16.
        let rounded = exact.to_dtype(DType::BF16).unwrap();
        assert_eq!(values(&half), values(&rounded));
    }
}

#[test]
fn a_homogeneous_stack_may_be_a_vec_or_an_array() {
    let layers = vec![Linear::new(3, 3), Linear::new(3, 3)];
    let keys = |names: Vec<(String, _)>| names.into_iter().map(|(key, _): (String, _)| key).collect::<Vec<_>>();
    let stack = Sequential::new(layers.clone());
    assert_eq!(keys(stack.named_parameters()), ["0.weight", "0.bias", "1.weight", "1.bias"]);
    let stack = stack.init_seeded(Cpu, 0).unwrap();
    let array = Sequential::new([layers[0].clone(), layers[1].clone()]).init_seeded(Cpu, 0).unwrap();
    let x = ramp(&[2, 3]);
    assert_eq!(values(&stack.forward(&x).unwrap()), values(&array.forward(&x).unwrap()));
    let nothing = Sequential::new(Vec::<Linear<Meta>>::new()).init(Cpu).unwrap();
    assert_eq!(values(&nothing.forward(&x).unwrap()), values(&x));
}

/// A stack that is generic over its device.
fn run<D: Compute>(net: &Sequential<(Linear<D>, ReLU)>, x: &Tensor<D>) -> Result<Tensor<D>> {
    net.forward(x)
}

#[test]
fn a_stack_runs_in_code_that_is_generic_over_the_device() {
    let net = Sequential::new((Linear::new(3, 2), ReLU)).init(Cpu).unwrap();
    assert_eq!(run(&net, &ramp(&[4, 3])).unwrap().dims(), [4, 2]);
}
