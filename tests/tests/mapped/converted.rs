//! Weights that lie transposed over the file, as those of Hugging Face's `Conv1D` do.

use std::path::Path;

use candle_core::Storage;
use model_runtime::memory;
use model_runtime::prelude::*;
use model_runtime::with;

use crate::{Contents, Turn, contents, map, state};

/// A feed-forward block of GPT-2.
#[derive(Module, Clone, Debug)]
struct Mlp<D: Device> {
    #[module(with = with::transposed)]
    c_fc: Linear<D>,
    #[module(with = with::transposed)]
    c_proj: Linear<D>,
}

const FILES: [&str; 2] = ["mlp.pt", "mlp.safetensors"];

impl Mlp<Meta> {
    fn new() -> Self {
        Self { c_fc: Linear::new(48, 192), c_proj: Linear::new(192, 48) }
    }

    /// A file whose weights lie row by row as `Conv1D` has them. A `.pt` of a model that was not loaded holds views.
    fn file(path: &Path) {
        let rows = path.with_extension("rows.safetensors");
        Self::new().init_seeded(Cpu, 7).unwrap().state_dict().unwrap().save(&rows).unwrap();
        read(&rows).state_dict().unwrap().save(path).unwrap();
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Mlp<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        self.c_proj.forward(&self.c_fc.forward(x)?.gelu()?)
    }
}

fn read(path: &Path) -> Mlp<Cpu> {
    Mlp::new().load_state_dict(&Checkpoint::open(path).unwrap().state_dict().unwrap(), Cpu).unwrap()
}

/// The same model with weights whose elements lie row by row.
fn copied(mlp: &Mlp<Cpu>) -> Mlp<Cpu> {
    let copied = |layer: &Linear<Cpu>| {
        let weight = Param::from_tensor(layer.weight.contiguous().unwrap());
        let bias = layer.bias.as_ref().map(|bias| Param::from_tensor(bias.copy().unwrap()));
        assert!(weight.is_contiguous());
        Linear { weight, bias, ..*layer }
    };
    Mlp { c_fc: copied(&mlp.c_fc), c_proj: copied(&mlp.c_proj) }
}

#[track_caller]
fn assert_close(got: &Tensor<Cpu>, expected: &Tensor<Cpu>) {
    let most = (got - expected).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
    assert!(most < 1e-5, "{most}");
}

/// What is saved: dtype, shape and bytes by key.
fn saved(mlp: &Mlp<Cpu>) -> Vec<(String, Contents)> {
    let tensors = mlp.state_dict().unwrap().tensors().unwrap();
    tensors.iter().map(|(key, tensor)| (key.clone(), contents(tensor))).collect()
}

/// The contents of a file.
fn stored(path: &Path) -> Vec<(String, Contents)> {
    let tensors = Checkpoint::open(path).unwrap().state_dict().unwrap().tensors().unwrap();
    tensors.iter().map(|(key, tensor)| (key.clone(), contents(tensor))).collect()
}

#[test]
fn a_transposed_weight_is_a_view_of_the_mapped_file() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        let path = folder.path().join(name);
        Mlp::file(&path);
        let mlp = Mlp::new().load_state_dict(&state(&path), Cpu).unwrap();
        assert_eq!((memory::mapped().mappings, memory::mapped().tensors), (1, 4), "{name}");
        for weight in [&mlp.c_fc.weight, &mlp.c_proj.weight] {
            assert!(!weight.is_contiguous() && weight.t().unwrap().is_contiguous(), "{name}");
        }
        assert_eq!(saved(&mlp), saved(&read(&path)));
        assert_eq!(saved(&mlp), stored(&path));
    }
}

#[test]
fn it_computes_what_a_copied_weight_computes() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlp.pt");
    Mlp::file(&path);
    let mlp = Mlp::new().load_state_dict(&state(&path), Cpu).unwrap();
    let copied = copied(&mlp);
    for shape in [vec![48], vec![1, 48], vec![33, 48], vec![2, 5, 48]] {
        let x = Tensor::randn(0f32, 1.0, shape, Cpu).unwrap();
        assert_close(&mlp.forward(&x).unwrap(), &copied.forward(&x).unwrap());
    }
    let x = Tensor::randn(0f32, 1.0, (4, 48), Cpu).unwrap();
    let moved = mlp.clone().to(Auto).unwrap().to(Cpu).unwrap();
    assert_close(&moved.forward(&x).unwrap(), &copied.forward(&x).unwrap());
    let x = x.to_dtype(DType::F64).unwrap();
    let (wide, expected) = (mlp.to_dtype(DType::F64).unwrap(), copied.to_dtype(DType::F64).unwrap());
    assert!(wide.c_fc.weight.is_contiguous());
    let difference = (wide.forward(&x).unwrap() - expected.forward(&x).unwrap()).unwrap().abs().unwrap();
    assert!(difference.max_all().unwrap().to_scalar::<f64>().unwrap() < 1e-12);
}

#[test]
fn it_is_saved_over_its_file_in_the_layout_of_pytorch() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    for name in FILES {
        let path = folder.path().join(name);
        Mlp::file(&path);
        let bytes = std::fs::read(&path).unwrap();
        let mlp = Mlp::new().load_state_dict(&state(&path), Cpu).unwrap();
        let state = mlp.state_dict().unwrap();
        assert_eq!(state.get("c_fc.weight").unwrap().shape(), [48, 192]);
        state.save(&path).unwrap();
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}");
        assert!(map(&path).is_ok());
    }
}

/// A step of gradient descent on every parameter.
fn train(mlp: &Mlp<Cpu>, x: &Tensor<Cpu>) {
    let grads = mlp.forward(x).unwrap().sqr().unwrap().mean_all().unwrap().backward().unwrap();
    let vars = mlp.parameters().unwrap();
    assert_eq!(vars.len(), 4);
    for var in vars.iter() {
        let step = (grads.get(var).unwrap() * 0.1).unwrap();
        var.set(&(var.as_tensor() - step).unwrap()).unwrap();
    }
}

#[test]
fn it_is_trained_like_a_copied_weight() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlp.safetensors");
    Mlp::file(&path);
    let bytes = std::fs::read(&path).unwrap();
    let mut mlp = Mlp::new().load_state_dict(&state(&path), Cpu).unwrap();
    let mut copied = copied(&mlp);
    mlp.requires_grad(true).unwrap();
    copied.requires_grad(true).unwrap();
    let x = Tensor::randn(0f32, 1.0, (4, 48), Cpu).unwrap();
    for _ in 0..3 {
        train(&mlp, &x);
        train(&copied, &x);
    }
    assert_close(&mlp.c_fc.weight, &copied.c_fc.weight);
    assert_close(&mlp.forward(&x).unwrap(), &copied.forward(&x).unwrap());
    assert_ne!(saved(&mlp), stored(&path));
    assert!(std::fs::read(&path).unwrap() == bytes);
}

/// Where the first element lies.
fn start(tensor: &candle_core::Tensor) -> usize {
    let (storage, _) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else { panic!("on the CPU") };
    storage.as_slice::<f32>().unwrap().as_ptr().addr()
}

#[test]
fn what_lies_row_by_row_is_trained_where_it_is_mapped() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlp.pt");
    Mlp::file(&path);
    let mut mlp = Mlp::new().load_state_dict(&state(&path), Cpu).unwrap();
    let place = start(mlp.c_fc.bias.as_ref().unwrap().as_candle());
    mlp.requires_grad(true).unwrap();
    let bias = mlp.c_fc.bias.as_ref().unwrap();
    assert!(bias.as_candle().is_variable());
    assert_eq!(start(bias.as_candle()), place);
    // The weights are transposed, of which candle makes variables by copying.
    assert_eq!(memory::mapped().tensors, 2);
    mlp.requires_grad(false).unwrap();
    assert_eq!(start(mlp.c_fc.bias.as_ref().unwrap().as_candle()), place);
}
