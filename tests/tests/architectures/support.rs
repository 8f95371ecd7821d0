//! What the tests of all models do: load torch's file, save it again, compare numbers.

use std::path::PathBuf;

use model_runtime::prelude::*;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/architectures").join(name)
}

/// The state dict in `<name>.pt`, which torch saved.
pub fn torch_file(name: &str) -> StateDict {
    Checkpoint::open(fixture(&format!("{name}.pt"))).unwrap().state_dict().unwrap()
}

/// The inputs and outputs of a model, by name.
pub struct Run(StateDict);

impl Run {
    pub fn of(name: &str) -> Self {
        Self(Checkpoint::open(fixture(&format!("{name}.safetensors"))).unwrap().state_dict().unwrap())
    }

    pub fn get(&self, name: &str) -> Tensor<Cpu> {
        self.0.get(name).unwrap_or_else(|| panic!("no tensor {name}")).read().unwrap()
    }
}

/// Loads `model` from torch's file, saves it as safetensors, and loads that; on the way the keys, their order
/// and every value must be those of torch's file.
pub fn loaded_and_saved<M: Module>(model: &M, name: &str) -> M::On<Cpu> {
    let torch = torch_file(name);
    let saved = model.load_state_dict(&torch, Cpu).unwrap().state_dict().unwrap();
    assert_eq!(saved.keys().collect::<Vec<_>>(), torch.keys().collect::<Vec<_>>(), "{name}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.safetensors");
    saved.save(&path).unwrap();
    let read = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    assert_eq!(read.keys().collect::<Vec<_>>(), torch.keys().collect::<Vec<_>>(), "{name}");
    for (key, entry) in torch.iter() {
        let (expected, got) = (entry.read().unwrap(), read.get(key).unwrap().read().unwrap());
        assert_eq!((got.dims(), got.dtype()), (expected.dims(), expected.dtype()), "{name}: {key}");
        assert_eq!(numbers(&got), numbers(&expected), "{name}: {key}");
    }
    model.load_state_dict(&read, Cpu).unwrap()
}

pub fn numbers(tensor: &Tensor<Cpu>) -> Vec<f64> {
    tensor.flatten_all().unwrap().to_dtype(DType::F64).unwrap().to_vec1().unwrap()
}

/// Five digits; of numbers that are small beside the others, as many after the point as a tenth of the largest has.
#[track_caller]
pub fn assert_close(got: &Tensor<Cpu>, expected: &Tensor<Cpu>) {
    assert_eq!(got.dims(), expected.dims());
    let largest = numbers(expected).into_iter().map(f64::abs).fold(0.0, f64::max);
    for (index, (got, expected)) in numbers(got).into_iter().zip(numbers(expected)).enumerate() {
        let tolerance = 1e-5 * expected.abs().max(largest / 10.0);
        assert!((got - expected).abs() <= tolerance, "element {index}, expected: {expected}, got: {got}");
    }
}
