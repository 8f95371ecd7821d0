//! What layers refuse: declarations, with the key of the weight, and inputs, with what was expected.

use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<M: Module> {
    layer: M,
}

/// What `init` says of a declaration; `load_state_dict` must say it too.
fn declared(layer: impl Module) -> String {
    let net = Net { layer };
    let (init, load) = (net.init(Cpu).err(), net.load_state_dict(&StateDict::default(), Cpu).err());
    let error = init.expect("`init` refuses it").to_string();
    assert!(load.expect("`load_state_dict` refuses it").to_string().contains(&error));
    error
}

fn input<M>(layer: M, x: &Tensor<Cpu>) -> String
where
    M: Module,
    M::On<Cpu>: for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>,
{
    layer.init(Cpu).unwrap().forward(x).expect_err("the input does not fit").to_string()
}

fn zeros(shape: &[usize]) -> Tensor<Cpu> {
    Tensor::zeros(shape, DType::F32, Cpu).unwrap()
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}

#[test]
fn groups_that_do_not_divide_the_channels_are_refused() {
    let key = "layer.weight";
    assert_says(&declared(Conv2d::new(3, 4, 1).groups(2)), &[key, "in_channels must be divisible by groups"]);
    assert_says(&declared(Conv2d::new(4, 3, 1).groups(2)), &[key, "out_channels must be divisible by groups"]);
    assert_says(&declared(Conv2d::new(4, 4, 1).groups(0)), &[key, "groups must be a positive integer"]);
}

#[test]
fn kernels_strides_and_dilations_of_zero_are_refused() {
    assert_says(&declared(Conv2d::new(1, 1, 0)), &["layer.weight", "kernel_size should be greater than zero"]);
    assert_says(&declared(Conv2d::new(1, 1, 1).stride((1, 0))), &["stride should be greater than zero"]);
    assert_says(&declared(Conv2d::new(1, 1, 1).dilation(0)), &["dilation should be greater than zero"]);
    let x = zeros(&[1, 1, 4, 4]);
    assert_says(&input(MaxPool2d::new(0), &x), &["kernel_size should be greater than zero"]);
    assert_says(&input(AvgPool2d::new(2).stride(0), &x), &["stride should be greater than zero"]);
}

#[test]
fn same_padding_of_a_strided_convolution_is_refused() {
    let conv = Conv2d::new(1, 1, 3).stride(2).padding(Padding::Same);
    assert_says(&declared(conv), &["layer.weight", "padding='same' is not supported for strided convolutions"]);
}

#[test]
fn a_declaration_that_is_mended_is_accepted() {
    let conv = Conv2d::new(3, 4, 1).groups(2).groups(1).init(Cpu).unwrap();
    assert_eq!(conv.weight.dims(), [4, 3, 1, 1]);
}

#[test]
fn a_row_of_padding_outside_the_table_is_refused() {
    let reason = "padding_idx must be within num_embeddings";
    assert_says(&declared(Embedding::new(3, 2).padding_idx(3)), &["layer.weight", reason, "got: 3"]);
    assert_says(&declared(Embedding::new(3, 2).padding_idx(-4)), &["layer.weight", reason, "got: -4"]);
    assert_eq!(Embedding::new(3, 2).padding_idx(-1).padding_idx, Some(2));
}

#[test]
fn a_layer_norm_over_nothing_is_refused() {
    assert_says(&declared(LayerNorm::new(())), &["layer.weight", "at least 1-dimensional"]);
}

#[test]
fn inputs_of_another_size_name_what_was_expected() {
    let linear = input(Linear::new(4, 2), &zeros(&[3, 5]));
    assert_says(&linear, &["Linear", "expected: (*, 4)", "got: [3, 5]"]);
    let conv = input(Conv2d::new(4, 2, 3), &zeros(&[1, 3, 8, 8]));
    assert_says(&conv, &["Conv2d", "expected: 4", "got: 3"]);
    let small = input(Conv2d::new(1, 1, 3), &zeros(&[1, 1, 8, 2]));
    assert_says(&small, &["Conv2d", "at least the kernel's 3", "got: 2"]);
    let rank = input(Conv2d::new(1, 1, 3), &zeros(&[8, 8]));
    assert_says(&rank, &["Conv2d", "(N, C, H, W) or (C, H, W)", "got: [8, 8]"]);
    let norm = input(LayerNorm::new((4, 6)), &zeros(&[3, 6, 4]));
    assert_says(&norm, &["LayerNorm", "expected: (*, [4, 6])", "got: [3, 6, 4]"]);
    let batch = input(BatchNorm2d::new(4), &zeros(&[3, 4, 5]));
    assert_says(&batch, &["BatchNorm2d", "expected: (N, 4, H, W)", "got: [3, 4, 5]"]);
    let prelu = input(PReLU::new().num_parameters(4), &zeros(&[2, 3]));
    assert_says(&prelu, &["PReLU", "expected: (N, 4, *)", "got: [2, 3]"]);
    let pool = input(MaxPool2d::new(3), &zeros(&[1, 1, 2, 2]));
    assert_says(&pool, &["MaxPool2d", "at least the kernel's 3", "got: 2"]);
}

#[test]
fn dims_that_do_not_exist_are_refused() {
    let x = zeros(&[2, 3]);
    assert_says(&input(Softmax::new(2), &x), &["Softmax", "expected: -2 to 1", "got: 2"]);
    assert_says(&input(LogSoftmax::new(-3), &x), &["LogSoftmax", "got: -3"]);
    assert_says(&input(Flatten::new().end_dim(5), &x), &["Flatten", "got: 5"]);
    assert_says(&input(Flatten::new().end_dim(0), &x), &["start_dim cannot come after end_dim"]);
}

#[test]
fn a_padding_of_more_than_half_of_the_window_is_refused() {
    let text = input(MaxPool2d::new(2).padding(2), &zeros(&[1, 1, 4, 4]));
    assert_says(&text, &["MaxPool2d", "at most half of the kernel's 2", "got: 2"]);
}

#[test]
fn a_probability_that_is_none_is_refused_in_both_modes() {
    let dropout = Dropout::new(1.5);
    assert_says(&dropout.forward(&zeros(&[2])).unwrap_err().to_string(), &["between 0 and 1", "got: 1.5"]);
    dropout.eval();
    assert_says(&dropout.forward(&zeros(&[2])).unwrap_err().to_string(), &["got: 1.5"]);
}

#[test]
fn one_value_per_channel_cannot_be_normalised_in_training() {
    let norm = BatchNorm2d::new(2).init(Cpu).unwrap();
    let x = zeros(&[1, 2, 1, 1]);
    assert_says(&norm.forward(&x).unwrap_err().to_string(), &["more than 1", "[1, 2, 1, 1]"]);
    norm.eval();
    assert_eq!(norm.forward(&x).unwrap().dims(), x.dims());
}

#[test]
fn every_index_outside_the_table_is_an_error() {
    let embedding = Embedding::new(3, 2).init(Cpu).unwrap();
    let text = |x: Tensor<Cpu>| embedding.forward(&x).unwrap_err().to_string();
    // candle reads a row of zeros for the largest value of each index type.
    assert_says(&text(Tensor::from_vec(vec![255u8], 1, Cpu).unwrap()), &["expected: 0 to 2", "got: 255"]);
    assert_says(&text(Tensor::from_vec(vec![u32::MAX], 1, Cpu).unwrap()), &["got: 4294967295"]);
    assert_says(&text(Tensor::from_vec(vec![i64::MAX], 1, Cpu).unwrap()), &["got: 9223372036854775807"]);
    assert_says(&text(Tensor::from_vec(vec![0i64, -1], 2, Cpu).unwrap()), &["got: -1"]);
    assert_says(&text(Tensor::from_vec(vec![1f32], 1, Cpu).unwrap()), &["u8, u32 or i64", "got: f32"]);
}

#[test]
fn index_255_of_a_large_table_is_a_row_like_others() {
    let embedding = Embedding::new(256, 1).init(Cpu).unwrap();
    let row = embedding.forward(&Tensor::from_vec(vec![255u8], 1, Cpu).unwrap()).unwrap();
    let expected = embedding.weight.narrow(0, 255, 1).unwrap();
    assert_eq!(row.to_vec2::<f32>().unwrap(), expected.to_vec2::<f32>().unwrap());
}

#[test]
fn convolutions_of_signals_name_the_rule_that_is_broken() {
    let key = "layer.weight";
    assert_says(&declared(Conv1d::new(3, 4, 1).groups(2)), &[key, "in_channels must be divisible by groups"]);
    assert_says(&declared(Conv1d::new(1, 1, 1).stride(0)), &[key, "stride should be greater than zero, got: (0)"]);
    let same = Conv1d::new(1, 1, 3).stride(2).padding(Padding::Same);
    assert_says(&declared(same), &[key, "padding='same' is not supported for strided convolutions"]);
    let rank = input(Conv1d::new(1, 1, 3), &zeros(&[1, 1, 8, 8]));
    assert_says(&rank, &["Conv1d", "(N, C, L) or (C, L)", "got: [1, 1, 8, 8]"]);
    let short = input(Conv1d::new(1, 1, 3).dilation(2), &zeros(&[1, 1, 4]));
    assert_says(&short, &["Conv1d", "at least the kernel's 5", "got: 4", "input [1, 1, 4]"]);
}

#[test]
fn transposed_convolutions_name_the_rule_that_is_broken() {
    let key = "layer.weight";
    let reason = "output padding must be smaller than either stride or dilation";
    assert_says(&declared(ConvTranspose2d::new(1, 1, 2).output_padding(1)), &[key, reason, "got: [1, 1]"]);
    assert_says(&declared(ConvTranspose1d::new(1, 1, 2).stride(2).output_padding(2)), &[key, reason]);
    assert_says(&declared(ConvTranspose2d::new(4, 3, 2).groups(2)), &["out_channels must be divisible by groups"]);
    let channels = input(ConvTranspose2d::new(4, 2, 3), &zeros(&[1, 3, 8, 8]));
    assert_says(&channels, &["ConvTranspose2d: channels of the input", "expected: 4", "got: 3"]);
    let nothing = input(ConvTranspose1d::new(1, 1, 2).padding(1), &zeros(&[1, 1, 1]));
    assert_says(&nothing, &["ConvTranspose1d: output", "more than 2", "got: 2"]);
    let empty = input(ConvTranspose2d::new(1, 1, 2), &zeros(&[1, 1, 0, 3]));
    assert_says(&empty, &["ConvTranspose2d: output", "got: 0", "[1, 1, 0, 3]"]);
}

#[test]
fn norms_name_the_rule_that_is_broken() {
    let groups = "num_channels (4) must be divisible by num_groups (3)";
    assert_says(&declared(GroupNorm::new(3, 4)), &["layer.weight", groups]);
    assert_says(&declared(GroupNorm::new(0, 4)), &["layer.weight", "num_groups (0)"]);
    // Without parameters there is no key: the call says it.
    assert_says(&input(GroupNorm::new(3, 4).affine(false), &zeros(&[2, 4])), &["GroupNorm", groups]);
    let channels = input(GroupNorm::new(2, 4), &zeros(&[2, 3, 4]));
    assert_says(&channels, &["GroupNorm", "expected: (N, 4, *)", "got: [2, 3, 4]"]);
    assert_says(&input(GroupNorm::new(4, 4), &zeros(&[1, 4])), &["GroupNorm: values per group", "more than 1"]);

    assert_says(&declared(RMSNorm::new(())), &["layer.weight", "at least 1-dimensional"]);
    assert_says(&input(RMSNorm::new(4), &zeros(&[2, 3])), &["RMSNorm", "expected: (*, [4])", "got: [2, 3]"]);

    let batch = input(BatchNorm1d::new(4), &zeros(&[2, 3]));
    assert_says(&batch, &["BatchNorm1d", "expected: (N, 4) or (N, 4, L)", "got: [2, 3]"]);
    assert_says(&input(BatchNorm1d::new(4), &zeros(&[2, 4, 1, 1])), &["BatchNorm1d", "got: [2, 4, 1, 1]"]);
    let one = input(BatchNorm1d::new(4), &zeros(&[1, 4]));
    assert_says(&one, &["BatchNorm1d: values per channel when training", "input [1, 4]"]);

    let instance = input(InstanceNorm2d::new(4), &zeros(&[1, 3, 2, 2]));
    assert_says(&instance, &["InstanceNorm2d", "expected: 4", "[1, 3, 2, 2]"]);
    let one = input(InstanceNorm2d::new(4), &zeros(&[2, 4, 1, 1]));
    assert_says(&one, &["InstanceNorm2d: elements per channel", "more than 1"]);
}

#[test]
fn an_upsampling_that_does_not_fit_its_input_is_refused() {
    let image = zeros(&[1, 1, 2, 2]);
    let linear = Upsample::scale_factor(2.0).mode(UpsampleMode::Linear);
    assert_says(&input(linear, &image), &["Upsample", "expected: (N, C, L)", "got: [1, 1, 2, 2]"]);
    let corners = Upsample::scale_factor(2.0).align_corners(true);
    assert_says(&input(corners, &image), &["align_corners", "only be set with the interpolating modes"]);
    assert_says(&input(Upsample::size([2, 2, 2]), &image), &["expected: 1 or 2", "got: 3"]);
    assert_says(&input(Upsample::scale_factor(0.1), &image), &["greater than 0", "got: 2 to 0"]);
    for factor in [f64::INFINITY, f64::NAN] {
        assert_says(&input(Upsample::scale_factor(factor), &image), &["scale factors, expected: finite numbers"]);
    }
    for mode in [UpsampleMode::Nearest, UpsampleMode::Bilinear] {
        for huge in [Upsample::scale_factor(1e300), Upsample::scale_factor(1e12), Upsample::size([usize::MAX])] {
            assert_says(
                &input(huge.mode(mode), &image),
                &["Upsample: sizes, expected: an output that memory can hold"],
            );
        }
    }
}

/// What PyTorch computes in double precision.
#[test]
fn an_upsampling_of_f64_is_in_double_precision() {
    let x = Tensor::from_vec(vec![1f64, 2.0, 4.0], (1, 1, 3), Cpu).unwrap();
    let cases = [
        (
            Upsample::scale_factor(1.7),
            vec![1.0, 1.382_352_941_176_470_6, 1.970_588_235_294_117_8, 3.117_647_058_823_529_4, 4.0],
        ),
        (
            Upsample::size([7]),
            vec![
                1.0,
                1.142_857_142_857_142_8,
                1.571_428_571_428_571_4,
                2.0,
                2.857_142_857_142_856_8,
                3.714_285_714_285_714,
                4.0,
            ],
        ),
    ];
    for (layer, expected) in cases {
        let y = layer.mode(UpsampleMode::Linear).forward(&x).unwrap().flatten_all().unwrap();
        let y = y.to_vec1::<f64>().unwrap();
        assert_eq!(y.len(), expected.len());
        assert!(y.iter().zip(&expected).all(|(y, expected)| (y - expected).abs() < 1e-14), "{y:?}");
    }
}

#[test]
fn more_padding_than_the_input_has_elements_for_is_refused() {
    let conv = |mode| Conv1d::new(1, 1, 1).padding(4).padding_mode(mode);
    let (x, short) = (zeros(&[1, 1, 4]), zeros(&[1, 1, 3]));
    assert_says(&input(conv(PaddingMode::Reflect), &x), &["Conv1d", "mode Reflect, expected: at most 3, got: 4"]);
    assert_says(&input(conv(PaddingMode::Circular), &short), &["mode Circular, expected: at most 3, got: 4"]);
    assert_says(&input(conv(PaddingMode::Replicate), &zeros(&[1, 1, 0])), &["mode Replicate", "at most 0, got: 4"]);
}
