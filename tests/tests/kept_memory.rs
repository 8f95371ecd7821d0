//! What a load has read stays where it is: transposed, saved and trained without a second copy.

mod counting;

use std::path::Path;

use model_runtime::prelude::*;
use model_runtime::with;

#[derive(Module, Debug)]
struct Conv1D<D: Device> {
    #[module(flatten, with = with::transposed)]
    fc: Linear<D>,
}

#[derive(Module, Debug)]
struct Pair<D: Device> {
    a: Param<D>,
    b: Param<D>,
}

const IN: usize = 2048;
const OUT: usize = 4096;
/// The bytes of the weight.
const WEIGHT: usize = 4 * IN * OUT;
/// What a load may hold besides: a block for the thread, headers, the bias.
const MOST: usize = 1 << 20;

fn declared() -> Conv1D<Meta> {
    Conv1D { fc: Linear::new(IN, OUT) }
}

/// A file whose weight is `[IN, OUT]`, the number of its row in each element.
fn file(path: &Path) {
    let rows = Tensor::<Cpu>::arange(0f32, IN as f32, Cpu).and_then(|rows| rows.reshape((IN, 1))).expect("rows");
    let weight = rows.broadcast_as((IN, OUT)).and_then(|weight| weight.contiguous()?.t()).expect("a weight");
    let bias = Some(Param::from_tensor(Tensor::zeros(OUT, DType::F32, Cpu).expect("zeros")));
    let fc = Linear { weight: Param::from_tensor(weight), bias, in_features: IN, out_features: OUT };
    Conv1D { fc }.state_dict().and_then(|state| state.save(path)).expect("a file");
}

fn load(path: &Path, options: &LoadOptions) -> (Conv1D<Cpu>, usize) {
    let state = Checkpoint::open(path).map_err(Error::from).and_then(|file| file.state_dict()).expect("a state dict");
    let (loaded, peak) = counting::peak(|| declared().load_state_dict_with(&state, Cpu, options));
    let (net, _) = loaded.expect("a model");
    let corner = net.fc.weight.i((OUT - 1, IN - 1)).and_then(|corner| corner.to_dtype(DType::F32)).expect("an element");
    assert_eq!(corner.to_scalar::<f32>().expect("a number"), (IN - 1) as f32);
    (net, peak)
}

#[test]
fn a_transposed_weight_is_loaded_without_a_copy_in_whatever_dtype() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["fc.pt", "fc.safetensors"] {
        let path = folder.path().join(name);
        file(&path);
        let (_, peak) = load(&path, &LoadOptions::new());
        assert!(peak < WEIGHT + MOST, "{name}: {peak} bytes of {WEIGHT}");
        let (net, peak) = load(&path, &LoadOptions::new().dtype(DType::F16));
        assert_eq!(net.fc.weight.dtype(), DType::F16);
        assert!(peak < WEIGHT / 2 + MOST, "{name}: {peak} bytes of {}", WEIGHT / 2);
    }
}

#[test]
fn a_transposed_weight_is_saved_without_a_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["fc.pt", "fc.safetensors"] {
        let path = folder.path().join(name);
        file(&path);
        let (net, _) = load(&path, &LoadOptions::new());
        let again = folder.path().join(format!("again.{name}"));
        let (saved, peak) = counting::peak(|| net.state_dict().and_then(|state| state.save(&again)));
        saved.expect("a file");
        assert!(peak < MOST, "{name}: {peak} bytes");
        let bytes = std::fs::read(&again).expect("a file").len();
        assert!((WEIGHT..WEIGHT + MOST).contains(&bytes), "{name}: {bytes} bytes");
        load(&again, &LoadOptions::new());
    }
}

#[test]
fn what_was_loaded_is_trained_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pair.pt");
    let weight = |value: f32| Param::from_tensor(Tensor::full(value, (IN, OUT), Cpu).expect("a weight"));
    let pair = Pair { a: weight(1.0), b: weight(2.0) };
    pair.state_dict().and_then(|state| state.save(&path)).expect("a file");
    drop(pair);
    let declared = Pair { a: Param::new((IN, OUT), init::ZERO), b: Param::new((IN, OUT), init::ZERO) };
    let state = Checkpoint::open(&path).map_err(Error::from).and_then(|file| file.state_dict()).expect("a state dict");
    let mut net = declared.load_state_dict(&state, Cpu).expect("a model");
    assert!(net.parameters().is_err(), "nothing is trained before it is asked for");
    let plain = net.a.tensor().clone();
    let (trained, peak) = counting::peak(|| net.requires_grad(true));
    trained.expect("variables");
    assert!(peak < MOST, "{peak} bytes of {}", 2 * WEIGHT);
    let vars = net.parameters().expect("variables");
    assert_eq!(vars.len(), 2);
    let row = |tensor: &Tensor<Cpu>| tensor.i((5, 0..3)).and_then(|row| row.to_vec1::<f32>()).expect("a row");
    vars[0].set(&(vars[0].as_tensor() * 3.0).expect("a tensor")).expect("a step");
    assert_eq!((row(&net.a), row(&net.b), row(&plain)), (vec![3.0; 3], vec![2.0; 3], vec![3.0; 3]));
}

#[test]
fn names_of_one_tensor_are_trained_each_by_itself_where_the_model_does_not_tie_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tied.pt");
    let weight = Param::from_tensor(Tensor::ones((64, 64), DType::F32, Cpu).expect("ones"));
    Pair { a: weight.clone(), b: weight }.state_dict().and_then(|state| state.save(&path)).expect("a file");
    let declared = Pair { a: Param::new((64, 64), init::ZERO), b: Param::new((64, 64), init::ZERO) };
    let state = Checkpoint::open(&path).map_err(Error::from).and_then(|file| file.state_dict()).expect("a state dict");
    let mut net = declared.load_state_dict(&state, Cpu).expect("a model");
    net.requires_grad(true).expect("variables");
    let vars = net.parameters().expect("variables");
    assert_eq!(vars.len(), 2);
    vars[0].set(&(vars[0].as_tensor() * 3.0).expect("a tensor")).expect("a step");
    let sum = |tensor: &Tensor<Cpu>| tensor.sum_all().and_then(|sum| sum.to_scalar::<f32>()).expect("a number");
    assert_eq!((sum(&net.a), sum(&net.b)), (3.0 * 4096.0, 4096.0));
}
