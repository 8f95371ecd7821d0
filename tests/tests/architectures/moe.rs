//! Mixtures of experts: Mixtral's, with a `ModuleList` of experts, and Switch's, with a `ModuleDict`.
//!
//! Which expert a token goes to is read back to the CPU, as in PyTorch (`torch.where`): each expert then runs on its own
//! tokens only.

use indexmap::IndexMap;
use model_runtime::prelude::*;

use crate::support::{Run, assert_close, loaded_and_saved};

#[derive(Module, Clone, Debug)]
struct MixtralMlp<D: Device> {
    w1: Linear<D>,
    w2: Linear<D>,
    w3: Linear<D>,
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/mixtral_moe.manifest")]
struct MixtralSparseMoeBlock<D: Device> {
    gate: Linear<D>,
    experts: Vec<MixtralMlp<D>>, // experts.0.w1.weight, ...
    top_k: usize,
}

impl MixtralSparseMoeBlock<Meta> {
    fn new(hidden: usize, ffn: usize, num_experts: usize, top_k: usize) -> Self {
        let expert = || MixtralMlp {
            w1: Linear::new(hidden, ffn).bias(false),
            w2: Linear::new(ffn, hidden).bias(false),
            w3: Linear::new(hidden, ffn).bias(false),
        };
        let gate = Linear::new(hidden, num_experts).bias(false);
        Self { gate, experts: (0..num_experts).map(|_| expert()).collect(), top_k }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for MixtralMlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.w2.forward(&(self.w1.forward(x)?.silu()? * self.w3.forward(x)?)?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for MixtralSparseMoeBlock<D> {
    /// The output, and the logits of the router, for the loss that balances it.
    type Output = (Tensor<D>, Tensor<D>);

    fn forward(&self, x: &Tensor<D>) -> Result<Self::Output> {
        let flat = x.flatten_to(x.rank() - 2)?;
        let router_logits = self.gate.forward(&flat)?;
        let probabilities = router_logits.softmax(1)?;
        let selected = probabilities.arg_sort_last_dim(false)?.narrow(1, 0, self.top_k)?.contiguous()?;
        let weights = probabilities.gather(&selected, 1)?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(1)?)?.flatten_all()?;

        let selected = selected.to_vec2::<u32>()?;
        let mut out = flat.zeros_like()?;
        for (index, expert) in self.experts.iter().enumerate() {
            // The tokens that chose this expert, and where their weights are.
            let chosen = selected.iter().enumerate().flat_map(|(token, experts)| {
                let places = experts.iter().enumerate().filter(move |(_, expert)| **expert as usize == index);
                places.map(move |(place, _)| (token as u32, (token * self.top_k + place) as u32))
            });
            let (tokens, places): (Vec<_>, Vec<_>) = chosen.unzip();
            if tokens.is_empty() {
                continue;
            }
            let tokens = Tensor::new(tokens, x.device())?;
            let weights = weights.index_select(&Tensor::new(places, x.device())?, 0)?.unsqueeze(1)?;
            let y = expert.forward(&flat.index_select(&tokens, 0)?)?.broadcast_mul(&weights)?;
            out = out.index_add(&tokens, &y, 0)?;
        }
        Ok((out.reshape(x.shape())?, router_logits))
    }
}

#[derive(Module, Clone, Debug)]
struct SwitchMlp<D: Device> {
    wi: Linear<D>,
    wo: Linear<D>,
}

#[derive(Module, Clone, Debug)]
struct SwitchRouter<D: Device> {
    classifier: Linear<D>,
}

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/switch_moe.manifest")]
struct SwitchSparseMlp<D: Device> {
    router: SwitchRouter<D>,
    // In the order of insertion, as in PyTorch: `expert_10` after `expert_9`.
    experts: IndexMap<String, SwitchMlp<D>>, // experts.expert_0.wi.weight, ...
}

impl SwitchSparseMlp<Meta> {
    fn new(d_model: usize, d_ff: usize, num_experts: usize) -> Self {
        let expert =
            || SwitchMlp { wi: Linear::new(d_model, d_ff).bias(false), wo: Linear::new(d_ff, d_model).bias(false) };
        let router = SwitchRouter { classifier: Linear::new(d_model, num_experts).bias(false) };
        Self { router, experts: (0..num_experts).map(|index| (format!("expert_{index}"), expert())).collect() }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for SwitchMlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.wo.forward(&self.wi.forward(x)?.relu()?)
    }
}

impl<D: Compute> Forward<&Tensor<D>> for SwitchSparseMlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let probabilities = self.router.classifier.forward(x)?.softmax(Minus1)?;
        let chosen = probabilities.argmax_keepdim(Minus1)?;
        let mut out = x.zeros_like()?;
        for (index, expert) in self.experts.values().enumerate() {
            let here = chosen.eq(index as u32)?.broadcast_as(x.shape())?;
            out = here.where_cond(&expert.forward(x)?, &out)?;
        }
        out.broadcast_mul(&probabilities.max_keepdim(Minus1)?)
    }
}

#[test]
fn mixtrals_block_computes_what_torch_computes() {
    let block = loaded_and_saved(&MixtralSparseMoeBlock::new(8, 12, 4, 2), "mixtral_moe");
    let run = Run::of("mixtral_moe");
    let (y, router_logits) = block.forward(&run.get("x")).unwrap();
    assert_close(&y, &run.get("y"));
    assert_close(&router_logits, &run.get("router_logits"));
}

#[test]
fn switchs_block_computes_what_torch_computes() {
    let block = loaded_and_saved(&SwitchSparseMlp::new(8, 12, 12), "switch_moe");
    let run = Run::of("switch_moe");
    assert_close(&block.forward(&run.get("x")).unwrap(), &run.get("y"));
}
