//! `#[module(with = path)]`: what the file holds differently, both ways.

use model_runtime::prelude::*;
use model_runtime::with::{self, Signature, Tensors};

use super::gpt::Qkv;
use super::{assert_close, assert_same, input_and_output, load_error, state, values};

#[derive(Module, Debug)]
struct MultiheadAttention<D: Device> {
    #[module(flatten, with = with::in_proj)]
    qkv: Qkv<D>,
    out_proj: Linear<D>,
}

#[test]
fn the_in_proj_of_multihead_attention_is_three_layers() {
    let declared = MultiheadAttention { qkv: Qkv::new(4), out_proj: Linear::new(4, 4) };
    let attention = declared.load_state_dict(&state("multihead_attention.pt"), Cpu).unwrap();
    let (x, y) = input_and_output("multihead_attention");
    assert_close(&attention.out_proj.forward(&attention.qkv.attend(&x, false).unwrap()).unwrap(), &y);
    assert_same(&attention.state_dict().unwrap(), &state("multihead_attention.pt"), 0.0);
}

#[derive(Module, Debug)]
struct Normed<D: Device> {
    #[module(flatten, with = with::weight_norm)]
    conv: Conv2d<D>,
}

#[derive(Module, Debug)]
struct Parametrized<D: Device> {
    #[module(flatten, with = with::parametrized_weight_norm)]
    conv: Conv2d<D>,
}

/// PyTorch's weight: the direction at the given length.
fn weight(state: &StateDict, g: &str, v: &str) -> Vec<f32> {
    let (g, v) = (state.get(g).unwrap().read().unwrap(), state.get(v).unwrap().read().unwrap());
    let norm = v.sqr().unwrap().sum_keepdim((1, 2, 3)).unwrap().sqrt().unwrap();
    values(v.broadcast_mul(&g.broadcast_div(&norm).unwrap()).unwrap().as_candle())
}

#[test]
fn weight_norm_is_one_weight_that_pytorch_makes_again_of_what_is_saved() {
    let (x, y) = input_and_output("weight_norm");
    let conv = Normed { conv: Conv2d::new(2, 3, 3) }.load_state_dict(&state("weight_norm.pt"), Cpu).unwrap();
    assert_close(&conv.conv.forward(&x).unwrap(), &y);
    let saved = conv.state_dict().unwrap();
    let (ours, theirs) =
        (weight(&saved, "weight_g", "weight_v"), weight(&state("weight_norm.pt"), "weight_g", "weight_v"));
    assert!(ours.iter().zip(theirs).all(|(ours, theirs)| (ours - theirs).abs() < 1e-6));
    let again = Normed { conv: Conv2d::new(2, 3, 3) }.load_state_dict(&saved, Cpu).unwrap();
    assert_close(&again.conv.forward(&x).unwrap(), &y);

    let name = "parametrized_weight_norm";
    let (x, y) = input_and_output(name);
    let conv = Parametrized { conv: Conv2d::new(2, 3, 3) }.load_state_dict(&state(&format!("{name}.pt")), Cpu).unwrap();
    assert_close(&conv.conv.forward(&x).unwrap(), &y);
    let mut keys: Vec<_> = conv.state_dict().unwrap().keys().map(str::to_owned).collect();
    keys.sort();
    assert_eq!(keys, ["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]);
}

#[test]
fn a_file_of_the_older_weight_norm_loads_into_the_newer_one_by_renames() {
    let (x, y) = input_and_output("weight_norm");
    let options = LoadOptions::new()
        .rename("weight_g", "parametrizations.weight.original0")
        .rename("weight_v", "parametrizations.weight.original1");
    let conv = Parametrized { conv: Conv2d::new(2, 3, 3) };
    let (conv, _) = conv.load_state_dict_with(&state("weight_norm.pt"), Cpu, &options).unwrap();
    assert_close(&conv.conv.forward(&x).unwrap(), &y);
}

#[test]
fn a_row_of_zeros_survives_weight_norm() {
    let conv = Normed { conv: Conv2d::new(1, 1, 2) }.init(Cpu).unwrap();
    let zeros = conv.conv.weight.zeros_like().unwrap();
    let conv = Normed { conv: Conv2d { weight: Param::from_tensor(zeros), ..conv.conv } };
    let saved = conv.state_dict().unwrap();
    let again = conv.load_state_dict(&saved, Cpu).unwrap();
    assert_eq!(values(again.conv.weight.as_candle()), [0.0; 4]);
}

/// The file of a layer whose `weight_v` and `weight_g` have these dtypes: PyTorch makes the weight [[3, 4], [0.3, 0.4]] of
/// it, whose lengths in half precision would be infinite and zero.
fn long_and_short(v: DType, g: DType) -> StateDict {
    #[derive(Module, Debug)]
    struct File<D: Device> {
        bias: Param<D>,
        weight_g: Param<D>,
        weight_v: Param<D>,
    }
    let v = Tensor::new(&[[300f32, 400.0], [3e-5, 4e-5]], Cpu).unwrap().to_dtype(v).unwrap();
    let g = Tensor::new(&[[5f32], [0.5]], Cpu).unwrap().to_dtype(g).unwrap();
    let bias = Tensor::zeros(2, v.dtype(), Cpu).unwrap();
    let [bias, weight_g, weight_v] = [bias, g, v].map(Param::from_tensor);
    File { bias, weight_g, weight_v }.state_dict().unwrap()
}

#[derive(Module, Debug)]
struct NormedLinear<D: Device> {
    #[module(flatten, with = with::weight_norm)]
    fc: Linear<D>,
}

#[test]
fn weight_norm_computes_in_single_precision_whatever_the_dtype() {
    let net = NormedLinear { fc: Linear::new(2, 2) };
    let dtypes =
        [(DType::F16, DType::F16), (DType::F32, DType::F32), (DType::F16, DType::F32), (DType::F32, DType::F16)];
    for (v, g) in dtypes {
        let state = long_and_short(v, g);
        let promoted = if v == g { v } else { DType::F32 };
        let kept = LoadOptions::new().keep_dtype();
        let options = [(LoadOptions::new(), DType::F32), (LoadOptions::new().dtype(DType::F16), DType::F16)];
        for (options, dtype) in options.into_iter().chain([(kept, promoted)]) {
            let (loaded, _) = net.load_state_dict_with(&state, Cpu, &options).unwrap();
            assert_eq!(loaded.fc.weight.dtype(), dtype);
            let got = values(loaded.fc.weight.to_dtype(DType::F32).unwrap().as_candle());
            for (got, expected) in got.into_iter().zip([3.0, 4.0, 0.3, 0.4]) {
                assert!((got - expected).abs() < 2e-3, "{v:?} {g:?}, expected: {expected}, got: {got}");
            }
        }
    }
}

#[test]
fn weight_norm_saves_lengths_that_half_precision_cannot_square() {
    let weight = Tensor::new(&[[300f32, 400.0], [3e-5, 4e-5]], Cpu).unwrap().to_dtype(DType::F16).unwrap();
    let net =
        NormedLinear { fc: Linear { weight: Param::from_tensor(weight), ..Linear::new(2, 2).init(Cpu).unwrap() } };
    let saved = net.state_dict().unwrap();
    let lengths = saved.get("weight_g").unwrap().read().unwrap();
    assert_eq!(lengths.dtype(), DType::F16);
    let lengths = values(lengths.to_dtype(DType::F32).unwrap().as_candle());
    assert!((lengths[0] - 500.0).abs() < 0.5 && (lengths[1] - 5e-5).abs() < 1e-6, "{lengths:?}");
}

/// A declaration in half precision does not make the file's numbers so before the converter has them.
#[test]
fn a_converter_gets_single_precision_where_the_load_is_to_half() {
    let long = long_and_short(DType::F32, DType::F32);
    let scaled = Scaled { weight_v: Param::new((2, 2), init::ONE), weight_g: Param::new((2, 1), init::ONE) };
    let net = Thousandfold { scaled };
    let state = long.filter(|key| key != "bias");
    let options = LoadOptions::new().dtype(DType::F16);
    let (loaded, report) = net.load_state_dict_with(&state, Cpu, &options).unwrap();
    let got = loaded.scaled.weight_v.to_dtype(DType::F32).unwrap();
    // In half precision 300_000 is infinite.
    assert_eq!(values(got.as_candle())[0], 300.0);
    assert!(report.converted.iter().all(|(_, _, dtype)| *dtype == DType::F16), "{report}");
}

#[derive(Module, Debug)]
struct Scaled<D: Device> {
    weight_v: Param<D>,
    weight_g: Param<D>,
}

#[derive(Module, Debug)]
struct Thousandfold<D: Device> {
    #[module(flatten, with = there_and_back)]
    scaled: Scaled<D>,
}

/// A converter whose intermediate results are large.
mod there_and_back {
    use super::{Result, Signature, Tensors};

    pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
        Ok(field.to_vec())
    }

    pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
        file.iter().map(|(name, tensor)| Ok((name.clone(), ((tensor * 1000.0)? * 0.001)?))).collect()
    }

    pub fn save(field: &Tensors) -> Result<Tensors> {
        Ok(field.clone())
    }
}

#[derive(Module, Debug)]
struct Turned<D: Device> {
    #[module(with = with::transposed, alias = "older", default)]
    fc: Linear<D>,
}

fn turned() -> Turned<Meta> {
    Turned { fc: Linear::new(2, 3) }
}

#[test]
fn it_holds_with_older_names_defaults_dtypes_and_loads_that_are_not_strict() {
    let start = turned().init_seeded(Cpu, 5).unwrap();
    let state = start.state_dict().unwrap();
    assert_eq!(state.get("fc.weight").unwrap().shape(), [2, 3]);
    let older = state.rename(|key| key.replace("fc", "older")).unwrap();
    let options = LoadOptions::new().dtype(DType::F64);
    let (loaded, report) = turned().load_state_dict_with(&older, Cpu, &options).unwrap();
    assert_eq!(loaded.fc.weight.dtype(), DType::F64);
    assert_eq!(report.aliased.len(), 2);
    let back = values(loaded.fc.weight.to_dtype(DType::F32).unwrap().as_candle());
    assert_eq!(back, values(start.fc.weight.as_candle()));

    let (_, report) = turned().load_state_dict_with(&StateDict::default(), Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(report.defaulted, ["fc.weight", "fc.bias"]);

    let other = turned().init_seeded(Cpu, 6).unwrap();
    let lax = LoadOptions::new().strict(false);
    let (kept, _) = other.load_state_dict_with(&state.filter(|key| key == "fc.bias"), Cpu, &lax).unwrap();
    assert_eq!(values(kept.fc.weight.as_candle()), values(other.fc.weight.as_candle()));
    assert_eq!(values(kept.fc.bias.as_ref().unwrap().as_candle()), values(start.fc.bias.as_ref().unwrap().as_candle()));
}

#[test]
fn a_converted_tensor_that_is_tied_is_refused() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        #[module(with = with::transposed)]
        a: Linear<D>,
        #[module(tied = "a")]
        b: Linear<D>,
    }
    let net = Net { a: Linear::new(2, 2), b: Linear::new(2, 2) };
    // A square weight looks the same in both forms, so it is the file's word that counts.
    let wide = Net { a: Linear::new(2, 3), b: Linear::new(2, 3) };
    let error = load_error(&wide, &StateDict::default());
    assert!(error.starts_with("a.weight: the file has it in another form"), "{error}");
    assert!(load_error(&net, &StateDict::default()).contains("another form"));
}

#[test]
fn a_fused_layer_needs_its_three_parts() {
    #[derive(Module, Debug)]
    struct Net<D: Device> {
        #[module(with = with::fused)]
        fc: Linear<D>,
    }
    let error = load_error(&Net { fc: Linear::new(1, 1) }, &StateDict::default());
    assert!(error.starts_with("fc: the file has these as one tensor, expected: `q.weight`"), "{error}");
}

#[test]
fn two_converters_for_one_field_are_refused() {
    #[derive(Module, Debug)]
    struct Outer<D: Device> {
        #[module(with = with::transposed)]
        inner: Turned<D>,
    }
    let error = load_error(&Outer { inner: turned() }, &StateDict::default());
    assert!(error.contains("two fields with `#[module(with = ..)]`"), "{error}");
}

/// A converter of the user's own: the file holds halves of the values.
mod halved {
    use super::{Result, Signature, Tensors};

    pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
        Ok(field.to_vec())
    }

    pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
        file.iter().map(|(name, tensor)| Ok((name.clone(), (tensor * 2.0)?))).collect()
    }

    pub fn save(field: &Tensors) -> Result<Tensors> {
        field.iter().map(|(name, tensor)| Ok((name.clone(), (tensor * 0.5)?))).collect()
    }
}

#[test]
fn a_converter_of_your_own_sees_a_parameter_without_a_name() {
    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        #[module(with = halved)]
        weight: Param<D>,
    }
    let scale = Scale { weight: Param::new(2, init::ONE) };
    let saved = scale.init(Cpu).unwrap().state_dict().unwrap();
    assert_eq!(values(saved.get("weight").unwrap().read().unwrap().as_candle()), [0.5, 0.5]);
    assert_eq!(values(scale.load_state_dict(&saved, Cpu).unwrap().weight.as_candle()), [1.0, 1.0]);
}
