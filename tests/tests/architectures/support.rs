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

/// Loads `model` from torch's file, saves it in torch's format and as safetensors, and loads those; on the way the keys, their order
/// and every value must be those of torch's file.
pub fn loaded_and_saved<M: Module>(model: &M, name: &str) -> M::On<Cpu> {
    let torch = torch_file(name);
    let saved = model.load_state_dict(&torch, Cpu).unwrap().state_dict().unwrap();
    assert_eq!(saved.keys().collect::<Vec<_>>(), torch.keys().collect::<Vec<_>>(), "{name}");

    let folder = tempfile::tempdir().unwrap();
    let [in_torchs_format, as_safetensors] = ["saved.pt", "saved.safetensors"].map(|file| {
        let path = folder.path().join(file);
        saved.save(&path).unwrap();
        Checkpoint::open(&path).unwrap().state_dict().unwrap()
    });
    assert_same(name, &in_torchs_format, &torch);
    // safetensors has a tied tensor once; loaded, it is there under all of its names again.
    let model = model.load_state_dict(&as_safetensors, Cpu).unwrap();
    assert_same(name, &model.state_dict().unwrap(), &torch);
    model
}

/// The same keys in the same order, and under each the same values.
fn assert_same(what: &str, got: &StateDict, expected: &StateDict) {
    assert_eq!(got.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{what}");
    for ((key, got), (_, expected)) in got.iter().zip(expected.iter()) {
        let (got, expected) = (got.read().unwrap(), expected.read().unwrap());
        assert_eq!((got.dims(), got.dtype()), (expected.dims(), expected.dtype()), "{what}: {key}");
        assert_eq!(numbers(&got), numbers(&expected), "{what}: {key}");
    }
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

/// What the structs were compared with while this compiled is what the files hold.
#[test]
fn the_manifests_are_those_of_the_files() {
    let mut count = 0;
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "manifest") {
            let manifest = Checkpoint::open(path.with_extension("pt")).unwrap().manifest().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), manifest.to_string(), "{}", path.display());
            count += 1;
        }
    }
    assert_eq!(count, 9);
}
