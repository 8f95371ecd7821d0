//! What candle has and `model_runtime::tensor` has not, with the reason.

/// Operations, by candle's name; `Type::*` is all methods of a type.
pub(crate) const OPERATIONS: &[(&str, &str)] = &[
    ("Tensor::apply_t", "calls a module with a flag for training: here the module has its mode, and `apply` calls it"),
    ("Tensor::empty", "unsafe: memory without values, for kernels that fill it"),
    ("Tensor::empty_like", "unsafe: memory without values, for kernels that fill it"),
    ("Tensor::from_storage", "takes storage of any device: `try_from_candle` checks the tensor made of it"),
    ("Tensor::to_device", "takes a device that no type names: `to` takes a tag"),
    ("Dropout::*", "a layer: `nn` has it, and `Tensor::dropout`"),
    ("Identity::*", "a layer that does nothing: `nn` has it"),
    ("RawInterleavedKvCache::*", "holds slices of the processor's memory, no tensors"),
    ("causal_decode_f32_interleaved", "takes slices of the processor's memory, no tensors"),
    ("rope_i_inplace", "takes slices of the processor's memory, no tensors"),
    ("run_causal_attn_cpu", "a kernel that reads shapes on trust: `flash_attn` checks them and calls it"),
    ("run_flash_attn_cpu", "a kernel that reads shapes on trust: `flash_attn` checks them and calls it"),
];

/// The modules of `candle_nn` that hold no operations on tensors.
pub(crate) const MODULES: &[(&str, &str)] = &[
    ("activation", "an enum of functions that `Tensor` has as methods, and a layer: `nn::PReLU`"),
    ("batch_norm", "a layer: `nn` is the place for it"),
    ("conv", "layers: `nn` is the place for them"),
    ("embedding", "a layer: `nn` is the place for it"),
    ("func", "layers made of closures, whose parameters no walk could reach"),
    ("group_norm", "a layer: `nn` is the place for it"),
    ("init", "initial values for candle's variables: `init` has PyTorch's"),
    ("layer_norm", "layers: `nn` is the place for them"),
    ("linear", "a layer: `nn` is the place for it"),
    ("moe", "kernels for mixtures of quantised experts, on CUDA only, over candle's untyped `QTensor`"),
    ("optim", "optimizers over candle's variables, which `parameters()` of a module gives"),
    ("rnn", "layers: `nn` is the place for them"),
    ("sequential", "a layer: `nn` is the place for it"),
    ("var_builder", "names and loads variables: the derive and `StateDict` do that here"),
    ("var_map", "names and saves variables: the derive and `StateDict` do that here"),
];
