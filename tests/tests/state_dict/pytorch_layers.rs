//! PyTorch's tests of the state dicts of parametrised layers, as structs of one's own.

use model_runtime::prelude::*;

use super::fixture::{assert_close, expected, numbers, state, strings, values};

/// `torch.nn.utils.spectral_norm(nn.Linear(3, 4))`, for inference.
#[derive(Module, Debug)]
struct SpectralNorm<D: Device> {
    bias: Param<D>,
    weight_orig: Param<D>,
    weight_u: Buffer<D>,
    weight_v: Buffer<D>,
}

impl SpectralNorm<Meta> {
    fn new() -> Self {
        Self {
            bias: Param::new(4, init::ZERO),
            weight_orig: Param::new((4, 3), init::ZERO),
            weight_u: Buffer::new(4, init::ZERO),
            weight_v: Buffer::new(3, init::ZERO),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for SpectralNorm<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        normed(x, &self.weight_orig, &self.weight_u, &self.weight_v)?.broadcast_add(&self.bias)
    }
}

/// `x` times the weight over its largest singular value, `u · (W v)`.
fn normed<D: Compute>(x: &Tensor<D>, weight: &Param<D>, u: &Buffer<D>, v: &Buffer<D>) -> Result<Tensor<D>> {
    let sigma = u.unsqueeze(0)?.matmul(&weight.matmul(&v.unsqueeze(1)?)?)?;
    x.matmul(&weight.broadcast_div(&sigma)?.t()?)
}

/// `torch.nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4))`.
#[derive(Module, Debug)]
struct Parametrized<D: Device> {
    bias: Param<D>,
    parametrizations: Parametrizations<D>,
}

#[derive(Module, Debug)]
struct Parametrizations<D: Device> {
    weight: Parametrization<D>,
}

#[derive(Module, Debug)]
struct Parametrization<D: Device> {
    original: Param<D>,
    #[module(rename = "0")]
    norm: Vectors<D>,
}

#[derive(Module, Debug)]
struct Vectors<D: Device> {
    #[module(rename = "_u")]
    u: Buffer<D>,
    #[module(rename = "_v")]
    v: Buffer<D>,
}

impl Parametrized<Meta> {
    fn new() -> Self {
        let norm = Vectors { u: Buffer::new(4, init::ZERO), v: Buffer::new(3, init::ZERO) };
        let weight = Parametrization { original: Param::new((4, 3), init::ZERO), norm };
        Self { bias: Param::new(4, init::ZERO), parametrizations: Parametrizations { weight } }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Parametrized<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let Parametrization { original, norm } = &self.parametrizations.weight;
        normed(x, original, &norm.u, &norm.v)?.broadcast_add(&self.bias)
    }
}

fn check<M>(net: &M, name: &str)
where
    M: Module + for<'x> Forward<&'x Tensor<Cpu>, Output = Tensor<Cpu>>,
{
    let expected = expected(name);
    assert_eq!(net.state_dict().unwrap().keys().collect::<Vec<_>>(), strings(&expected["keys"]));
    let x = Tensor::from_vec(numbers(&expected["input"]), (2, 3), Cpu).unwrap();
    assert_close(&values(&net.forward(&x).unwrap()), &numbers(&expected["output"]));
}

#[test]
fn spectral_norm_has_its_four_keys_and_computes_what_pytorch_computes() {
    let file = state("spectral_norm.pt");
    check(&SpectralNorm::new().load_state_dict(&file, Cpu).unwrap(), "spectral_norm");
    let without_v = file.filter(|key| key != "weight_v");
    let error = SpectralNorm::new().load_state_dict(&without_v, Cpu).unwrap_err().to_string();
    assert!(error.contains("\"weight_v\" [3]"), "{error}");
    let start = SpectralNorm::new().init(Cpu).unwrap();
    for key in ["weight_orig", "weight_u", "weight_v", "bias"] {
        let less = file.filter(|other| other != key);
        let (_, report) = start.load_state_dict_with(&less, Cpu, &LoadOptions::new().strict(false)).unwrap();
        assert_eq!(report.missing.iter().map(|missing| missing.key.as_str()).collect::<Vec<_>>(), [key]);
    }
}

#[test]
fn parametrized_spectral_norm_has_its_keys_and_loads_its_own_state_again() {
    let net = Parametrized::new().load_state_dict(&state("spectral_norm_parametrized.pt"), Cpu).unwrap();
    check(&net, "spectral_norm_parametrized");
    check(&Parametrized::new().load_state_dict(&net.state_dict().unwrap(), Cpu).unwrap(), "spectral_norm_parametrized");
    let error = Parametrized::new().load_state_dict(&state("spectral_norm.pt"), Cpu).unwrap_err().to_string();
    assert!(error.contains("\"parametrizations.weight.0._u\" [4]") && error.contains("\"weight_u\""), "{error}");
}

#[test]
fn an_old_spectral_norm_loads_into_the_new_one_by_renames() {
    // In PyTorch this fails.
    let options = LoadOptions::new()
        .rename("weight_orig", "parametrizations.weight.original")
        .rename_regex("^weight_([uv])$", "parametrizations.weight.0._$1")
        .unwrap();
    let (net, _) = Parametrized::new().load_state_dict_with(&state("spectral_norm.pt"), Cpu, &options).unwrap();
    let x = Tensor::from_vec(numbers(&expected("spectral_norm")["input"]), (2, 3), Cpu).unwrap();
    assert_close(&values(&net.forward(&x).unwrap()), &numbers(&expected("spectral_norm")["output"]));
}
