//! Attention and rotary positions against PyTorch. The numbers are in `tests/fixtures/attention`, with their script.

use std::path::Path;

use candle_core::Var;
use model_runtime::prelude::*;
use model_runtime::tensor::attention::{
    AttnMask, Varlen, flash_attn, flash_attn_varlen_cpu, flash_attn_varlen_unfused,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    rotary: Rotary,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    q: Values,
    k: Values,
    v: Values,
    mask: Option<Values>,
    causal: bool,
    softcap: Option<f32>,
    scale: f32,
    out: Values,
    grads: [Values; 3],
}

#[derive(Deserialize)]
struct Rotary {
    x: Values,
    cos: Values,
    sin: Values,
    rope: Values,
    rope_i: Values,
}

#[derive(Deserialize)]
struct Values {
    shape: Vec<usize>,
    values: Vec<f32>,
}

impl Values {
    fn tensor(&self) -> Tensor<Cpu> {
        Tensor::from_slice(&self.values, self.shape.as_slice(), Cpu).unwrap()
    }
}

fn fixture() -> Fixture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/attention/attention.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn assert_close(what: &str, got: &Tensor<Cpu>, expected: &Values) {
    assert_eq!(got.dims(), expected.shape, "{what}");
    let got = got.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (got, expected) in got.iter().zip(&expected.values) {
        assert!((got - expected).abs() < 2e-5 * expected.abs().max(1.0), "{what}: {got}, PyTorch has {expected}");
    }
}

impl Case {
    fn sdpa(&self, q: &Tensor<Cpu>, k: &Tensor<Cpu>, v: &Tensor<Cpu>) -> Tensor<Cpu> {
        let mask = self.mask.as_ref().map(Values::tensor);
        q.sdpa(k, v, mask.as_ref(), self.causal, self.scale, self.softcap.unwrap_or(1.0)).unwrap()
    }
}

#[test]
fn sdpa_is_pytorchs() {
    for case in fixture().cases {
        assert_close(&case.name, &case.sdpa(&case.q.tensor(), &case.k.tensor(), &case.v.tensor()), &case.out);
    }
}

#[test]
fn sdpa_has_pytorchs_gradients() {
    for case in fixture().cases {
        let variables = [&case.q, &case.k, &case.v].map(|input| Var::from_tensor(input.tensor().as_candle()).unwrap());
        let [q, k, v] = variables.each_ref().map(|var| Tensor::try_from_candle(var.as_tensor().clone()).unwrap());
        let gradients = case.sdpa(&q, &k, &v).sqr().unwrap().sum_all().unwrap().backward().unwrap();
        for (variable, expected) in variables.iter().zip(&case.grads) {
            let gradient = Tensor::try_from_candle(gradients.get(variable).unwrap().clone()).unwrap();
            assert_close(&case.name, &gradient, expected);
        }
    }
}

#[test]
fn flash_attn_is_pytorchs() {
    for case in fixture().cases {
        let (queries, keys) = (case.q.shape[2], case.k.shape[2]);
        let mask = match (&case.mask, case.causal) {
            (Some(mask), _) => AttnMask::Mask(mask.tensor()),
            (None, true) => AttnMask::causal_with_offset(keys - queries),
            (None, false) => AttnMask::None,
        };
        // Heads behind length, as a view that is not contiguous.
        let [q, k, v] = [&case.q, &case.k, &case.v].map(|input| input.tensor().transpose(1, 2).unwrap());
        let out = flash_attn(&q, &k, &v, case.scale, mask, None, case.softcap).unwrap();
        assert_close(&case.name, &out, &case.out);
    }
}

#[test]
fn attention_over_packed_sequences_is_pytorchs() {
    for case in fixture().cases.into_iter().filter(|case| case.mask.is_none() && case.softcap.is_none()) {
        let pack = |input: &Values| input.tensor().transpose(1, 2).unwrap().flatten_to(1).unwrap();
        let lengths = |input: &Values| Tensor::full(input.shape[2] as u32, input.shape[0], Cpu).unwrap();
        let [q, k, v] = [&case.q, &case.k, &case.v].map(pack);
        let (of_q, of_k) = (lengths(&case.q), lengths(&case.k));
        let options = Varlen { softmax_scale: case.scale, causal: case.causal, ..Varlen::default() };
        let expected =
            Values { values: pack(&case.out).flatten_all().unwrap().to_vec1().unwrap(), shape: q.dims().into() };
        let fused = flash_attn_varlen_cpu(&q, &k, &v, None, &of_q, &of_k, options).unwrap();
        assert_close(&case.name, &fused, &expected);
        let unfused = flash_attn_varlen_unfused(&q, &k, &v, None, &of_q, &of_k, options).unwrap();
        assert_close(&case.name, &unfused, &expected);
    }
}

#[test]
fn rotary_positions_are_those_of_llama_and_gpt_j() {
    let rotary = fixture().rotary;
    let [x, cos, sin] = [&rotary.x, &rotary.cos, &rotary.sin].map(Values::tensor);
    for out in [x.rope(&cos, &sin), x.rope_slow(&cos, &sin)] {
        assert_close("rope", &out.unwrap(), &rotary.rope);
    }
    for out in [x.rope_i(&cos, &sin), x.rope_i_slow(&cos, &sin)] {
        assert_close("rope_i", &out.unwrap(), &rotary.rope_i);
    }
    let by_length = x.transpose(1, 2).unwrap().contiguous().unwrap().rope_thd(&cos, &sin).unwrap();
    assert_close("rope_thd", &by_length.transpose(1, 2).unwrap(), &rotary.rope);
}

/// candle's kernels would read past the end of `v`, take a mask for one head's, or not look at the offset.
#[test]
fn arguments_that_do_not_fit_are_refused() {
    let zeros = |shape: [usize; 4]| Tensor::zeros(shape.as_slice(), DType::F32, Cpu).unwrap();
    let attention = |[q, k, v]: [[usize; 4]; 3], mask| {
        flash_attn(&zeros(q), &zeros(k), &zeros(v), 1.0, mask, None, None).unwrap_err().to_string()
    };
    let (short, long, batch) = ([1, 1, 2, 4], [1, 5, 2, 4], [2, 1, 2, 4]);
    let message = attention([short, long, [1, 4, 2, 4]], AttnMask::causal_with_offset(4));
    assert!(message.contains("keys and values of one length, got: k [1, 5, 2, 4], v [1, 4, 2, 4]"), "{message}");
    let message = attention([short, long, [1, 5, 3, 4]], AttnMask::None);
    assert!(message.contains("heads that divide those of `q`"), "{message}");
    let message = attention([short, long, long], AttnMask::Mask(zeros([1, 2, 1, 5])));
    assert!(message.contains("a mask of shape [1, 5], got: [1, 2, 1, 5]"), "{message}");
    let message = attention([short, long, long], AttnMask::causal());
    assert!(message.contains("`kv_offset` 4 (5 keys, 1 queries), got: 0"), "{message}");
    let message = attention([batch, [2, 5, 2, 4], [2, 5, 2, 4]], AttnMask::causal());
    assert!(message.contains("`kv_offset` 4"), "{message}");
    let x = zeros([1, 1, 2, 4]);
    let message = x.sdpa(&x, &x, Some(&x.i((0, 0, .., ..2)).unwrap()), true, 1.0, 1.0).unwrap_err().to_string();
    assert!(message.contains("expected: a mask or `do_causal`, got: both"), "{message}");
}

/// A mask that is a field.
#[test]
fn a_buffer_is_a_mask() {
    let q = Tensor::new(&[[[[1f32], [1.0]]]], Cpu).unwrap();
    let v = Tensor::new(&[[[[2f32], [6.0]]]], Cpu).unwrap();
    let mask = Buffer::from_tensor(Tensor::new(&[[0f32, f32::NEG_INFINITY], [0.0, 0.0]], Cpu).unwrap());
    let y = q.sdpa(&q, &v, Some(mask.tensor()), false, 1.0, 1.0).unwrap();
    assert_eq!(y.flatten_all().unwrap().to_vec1::<f32>().unwrap(), [2.0, 4.0]);
}
