//! What recurrent layers and attention refuse, and their dropout.

use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<M: Module> {
    layer: M,
}

fn declared(layer: impl Module) -> String {
    Net { layer }.init(Cpu).err().expect("`init` refuses it").to_string()
}

fn zeros(shape: &[usize]) -> Tensor<Cpu> {
    Tensor::zeros(shape, DType::F32, Cpu).unwrap()
}

#[track_caller]
fn assert_says<T>(result: Result<T>, parts: &[&str]) {
    let text = result.err().expect("it is refused").to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}

#[track_caller]
fn assert_declared(layer: impl Module, parts: &[&str]) {
    let text = declared(layer);
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}

#[test]
fn recurrent_declarations_that_pytorch_refuses_are_refused_at_the_first_weight() {
    let key = "layer.weight_ih_l0";
    assert_declared(LSTM::new(0, 4), &[key, "input_size must be greater than zero"]);
    assert_declared(GRU::new(3, 0), &[key, "hidden_size must be greater than zero"]);
    assert_declared(RNN::new(3, 4).dropout(1.5), &[key, "dropout should be a number in range [0, 1]", "got: 1.5"]);
    let reason = "proj_size has to be smaller than hidden_size, got: 4 and 4";
    assert_declared(LSTM::new(3, 4).proj_size(4), &[key, reason]);
    // Without layers there is no key: the call says it.
    let none = LSTM::new(3, 4).num_layers(0).init(Cpu).unwrap();
    assert_says(none.forward(&zeros(&[2, 3])), &["LSTM: num_layers must be greater than zero"]);
}

#[test]
fn sequences_and_states_of_other_sizes_name_what_was_expected() {
    let lstm = LSTM::new(3, 4).num_layers(2).init(Cpu).unwrap();
    assert_says(lstm.forward(&zeros(&[5, 2, 4])), &["LSTM: shape of the input", "expected: (*, 3)", "got: [5, 2, 4]"]);
    assert_says(lstm.forward(&zeros(&[3])), &["two or three dimensions", "got: [3]"]);
    assert_says(lstm.forward(&zeros(&[0, 2, 3])), &["length of the sequence", "greater than 0", "[0, 2, 3]"]);
    let (x, state) = (zeros(&[5, 2, 3]), zeros(&[2, 2, 4]));
    assert_says(lstm.forward((&x, (&zeros(&[1, 2, 4]), &state))), &["shape of h_0", "[2, 2, 4]", "got: [1, 2, 4]"]);
    assert_says(lstm.forward((&x, (&state, &zeros(&[2, 2, 3])))), &["shape of c_0", "[2, 2, 4]", "got: [2, 2, 3]"]);
    let gru = GRU::new(3, 4).init(Cpu).unwrap();
    assert_says(gru.forward((&zeros(&[5, 3]), &zeros(&[1, 1, 4]))), &["GRU: shape of h_0", "[1, 4]", "got: [1, 1, 4]"]);
}

#[test]
fn dropout_is_between_the_layers_and_only_in_training() {
    let lstm = LSTM::new(2, 3).num_layers(2).dropout(1.0).init_seeded(Cpu, 1).unwrap();
    let run = |x: f32| lstm.forward(&Tensor::full(x, (4, 2), Cpu).unwrap()).unwrap().0.to_vec2::<f32>().unwrap();
    // With everything between the layers gone, the second layer does not see the input.
    assert_eq!(run(1.0), run(-1.0));
    lstm.eval();
    assert_ne!(run(1.0), run(-1.0));
    // After the last layer there is none.
    let one = GRU::new(2, 3).dropout(1.0).init_seeded(Cpu, 1).unwrap();
    assert!(
        one.forward(&Tensor::ones((1, 2), DType::F32, Cpu).unwrap()).unwrap().0.to_vec2::<f32>().unwrap()[0][0] != 0.0
    );
}

#[test]
fn heads_that_do_not_divide_the_features_are_refused() {
    let reason = "MultiheadAttention: embed_dim must be divisible by num_heads, got: embed_dim 5, num_heads 2";
    assert_declared(MultiheadAttention::new(5, 2), &["layer.in_proj_weight", reason]);
    assert_declared(MultiheadAttention::new(5, 2).kdim(3), &["layer.q_proj_weight", reason]);
    assert_declared(MultiheadAttention::new(4, 0), &["must be greater than 0"]);
}

#[test]
fn attention_names_the_input_or_mask_that_does_not_fit() {
    let attention = MultiheadAttention::new(4, 2).init(Cpu).unwrap();
    let (q, k) = (zeros(&[3, 2, 4]), zeros(&[5, 2, 4]));
    assert_says(attention.forward((&zeros(&[3, 2, 5]), &k, &k)), &["shape of the query", "(L, N, 4)", "[3, 2, 5]"]);
    assert_says(attention.forward((&q, &zeros(&[5, 4]), &k)), &["shape of the key", "got: [5, 4]"]);
    assert_says(attention.forward((&q, &k, &zeros(&[6, 2, 4]))), &["shape of the value", "as the key's [5, 2, 4]"]);
    let other = zeros(&[5, 1, 4]);
    assert_says(attention.forward((&q, &other, &other)), &["batch of the key", "expected: 2, got: 1"]);
    let input = AttentionInput::new(&q, &k, &k);
    assert_says(attention.forward(input.attn_mask(&zeros(&[5, 3]))), &["attn_mask", "expected: [3, 5]", "got: [5, 3]"]);
    let heads = zeros(&[2, 3, 5]);
    assert_says(attention.forward(input.attn_mask(&heads)), &["attn_mask", "expected: [4, 3, 5]"]);
    let padding = zeros(&[5, 2]);
    assert_says(attention.forward(input.key_padding_mask(&padding)), &["key_padding_mask", "expected: [2, 5]"]);
    let integers = Tensor::zeros((3, 5), DType::I64, Cpu).unwrap();
    assert_says(attention.forward(input.attn_mask(&integers)), &["dtype of attn_mask", "expected: u8 or a floating"]);
}

/// PyTorch's shapes for batches, queries and keys of none.
#[test]
fn empty_batches_and_no_keys_are_computed() {
    let none = zeros(&[5, 0, 3]);
    let (y, (h, c)) = LSTM::new(3, 8).init(Cpu).unwrap().forward(&none).unwrap();
    assert_eq!((y.dims(), h.dims(), c.dims()), (&[5, 0, 8][..], &[1, 0, 8][..], &[1, 0, 8][..]));
    let (y, h) = GRU::new(3, 8).bidirectional(true).num_layers(2).init(Cpu).unwrap().forward(&none).unwrap();
    assert_eq!((y.dims(), h.dims()), (&[5, 0, 16][..], &[4, 0, 8][..]));
    let (y, _) = RNN::new(3, 8).batch_first(true).init(Cpu).unwrap().forward(&zeros(&[0, 5, 3])).unwrap();
    assert_eq!(y.dims(), [0, 5, 8]);

    let mut attention = MultiheadAttention::new(4, 2).batch_first(true).init(Cpu).unwrap();
    let bias = Tensor::new(&[1f32, 2.0, 3.0, 4.0], Cpu).unwrap();
    attention.out_proj.bias = Some(Param::from_tensor(bias));
    for (query, key) in [([0, 3, 4], [0, 3, 4]), ([2, 3, 4], [2, 0, 4]), ([2, 0, 4], [2, 3, 4])] {
        let (q, k) = (zeros(&query), zeros(&key));
        let (y, weights) = attention.forward((&q, &k, &k)).unwrap();
        assert_eq!((y.dims(), weights.dims()), (&query[..], &[query[0], query[1], key[1]][..]));
        // Nothing is attended to: what is left is the bias.
        let rows = y.reshape((query[0] * query[1], 4)).unwrap().to_vec2::<f32>().unwrap();
        assert!(rows.iter().all(|row| row == &[1.0, 2.0, 3.0, 4.0]), "{rows:?}");
    }
}

/// The added keys are all that is attended to.
#[test]
fn keys_are_added_to_no_keys_and_to_no_batch() {
    let attention = MultiheadAttention::new(4, 2).batch_first(true).add_bias_kv(true).add_zero_attn(true);
    let attention = attention.init(Cpu).unwrap();
    for (query, key) in [([2, 3, 4], [2, 0, 4]), ([0, 3, 4], [0, 5, 4])] {
        let (q, k) = (zeros(&query), zeros(&key));
        let (y, weights) = attention.forward((&q, &k, &k)).unwrap();
        assert_eq!((y.dims(), weights.dims()), (&query[..], &[query[0], 3, key[1] + 2][..]));
    }
}

#[test]
fn half_types_keep_their_dtype() {
    let lstm = LSTM::new(3, 4).init(Cpu).unwrap().to_dtype(DType::BF16).unwrap();
    let x = Tensor::ones((2, 3), DType::BF16, Cpu).unwrap();
    let (output, (h, c)) = lstm.forward(&x).unwrap();
    assert_eq!([output.dtype(), h.dtype(), c.dtype()], [DType::BF16; 3]);
    let attention = MultiheadAttention::new(4, 2).init(Cpu).unwrap().to_dtype(DType::BF16).unwrap();
    let x = Tensor::ones((3, 4), DType::BF16, Cpu).unwrap();
    let future = Tensor::from_vec(vec![0u8, 1, 1, 0, 0, 1, 0, 0, 0], (3, 3), Cpu).unwrap();
    let (output, weights) = attention.forward(AttentionInput::new(&x, &x, &x).attn_mask(&future)).unwrap();
    assert_eq!([output.dtype(), weights.dtype()], [DType::BF16; 2]);
}
