//! What only a machine with a GPU can show: the three cases, moves that copy, and a split over two kinds of device.
//!
//! `cargo test --release --features cuda -p tests --test gpu`. Without the feature the target is not built.

use examples::digits::{Net, TestSet, correct, max_difference, path};
use model_runtime::prelude::*;

type Gpu = Cuda<0>;
const GPU: Gpu = Cuda::<0>;
/// cuDNN and cuBLAS add in another order, and may use TF32.
const TOLERANCE: f32 = 1e-2;

fn state(file: &str) -> StateDict {
    Checkpoint::open(path(file)).unwrap().state_dict().unwrap()
}

fn check<D: Compute>(net: &Net<D>) {
    let test = TestSet::open().unwrap();
    let logits = net.forward(&test.images.to(D::default()).unwrap()).unwrap().to(Cpu).unwrap();
    assert!(max_difference(&logits, &test.logits).unwrap() < TOLERANCE);
    assert_eq!(correct(&logits, &test.labels).unwrap(), 355);
}

#[test]
fn saved_on_gpu_loaded_on_gpu() {
    check::<Gpu>(&Net::new().load_state_dict(&state("digits.pt"), GPU).unwrap());
}

#[test]
fn saved_on_cpu_loaded_on_gpu() {
    check::<Gpu>(&Net::new().load_state_dict(&state("digits_cpu.pt"), GPU).unwrap());
}

#[test]
fn moved_to_the_gpu_and_back() {
    let net = Net::new().load_state_dict(&state("digits_legacy.pt"), Cpu).unwrap();
    let net = net.to(GPU).unwrap();
    assert_eq!(net.conv1.weight.leaf().device_name(), "cuda:0");
    check::<Gpu>(&net);
    check::<Cpu>(&net.to(Cpu).unwrap());
}

#[test]
fn without_a_map_the_tensors_go_back_to_where_they_were_saved() {
    let tensors = state("digits.pt").tensors().unwrap();
    assert!(tensors.values().all(|tensor| tensor.device().is_cuda()));
}

#[test]
fn a_move_keeps_ties_and_variables() {
    #[derive(Module, Debug)]
    struct Tied<D: Device> {
        embed: Embedding<D>,
        head: Linear<D>,
    }
    let embed = Embedding::new(5, 3);
    let mut head = Linear::new(3, 5).bias(false);
    head.weight = embed.weight.clone();
    let net = Tied { embed, head }.init(Cpu).unwrap().to(GPU).unwrap();
    assert_eq!(net.num_parameters(), 15);
    assert_eq!(net.embed.weight.as_candle().id(), net.head.weight.as_candle().id());
    let vars = net.parameters().unwrap();
    assert_eq!(vars.len(), 1);
    assert!(vars[0].device().is_cuda());
}

#[test]
fn the_same_seed_gives_the_same_model_on_both() {
    let cpu = Linear::new(8, 4).init_seeded(Cpu, 1).unwrap();
    let gpu = Linear::new(8, 4).init_seeded(GPU, 1).unwrap();
    let values = |tensor: Tensor<Cpu>| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(values(cpu.weight.tensor().clone()), values(gpu.weight.tensor().to(Cpu).unwrap()));
}

#[test]
fn each_part_of_a_split_model_computes_on_its_own_device() {
    #[derive(Module, Debug)]
    struct Split<A: Device, B: Device> {
        decoder: Linear<B>,
        encoder: Linear<A>,
    }
    let split = Split { decoder: Linear::new(2, 2), encoder: Linear::new(2, 2) };
    let split: Split<Cpu, Gpu> = split.init((Cpu, GPU)).unwrap();
    let x = Tensor::ones((1, 2), DType::F32, Cpu).unwrap();
    let hidden = split.encoder.forward(&x).unwrap().to(GPU).unwrap();
    assert!(split.decoder.forward(&hidden).unwrap().as_candle().device().is_cuda());
}

#[test]
fn an_ordinal_past_the_last_device_is_named() {
    let error = Tensor::zeros(2, DType::F32, Cuda::<4096>).unwrap_err().to_string();
    assert!(error.contains("`cuda:4096` is not available: ordinal out of range"), "{error}");
}

/// The bytes of a tensor, wherever it is.
fn bytes(tensor: &candle_core::Tensor) -> Vec<u8> {
    let mut bytes = Vec::new();
    tensor.to_device(&candle_core::Device::Cpu).unwrap().write_bytes(&mut bytes).unwrap();
    bytes
}

/// Tensors of more than a buffer and of no multiple of one, and small ones.
#[derive(Module, Clone, Debug)]
struct Wide<D: Device> {
    large: Linear<D>,
    small: Linear<D>,
    norm: BatchNorm2d<D>,
}

impl Wide<Meta> {
    fn new() -> Self {
        Self { large: Linear::new(1021, 2503), small: Linear::new(3, 5), norm: BatchNorm2d::new(7) }
    }
}

/// What the GPU holds after a load is what the CPU holds, as it is saved, converted, and both.
#[test]
fn a_load_to_the_gpu_brings_the_bytes_of_a_load_to_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    let own = Wide::new().init_seeded(Cpu, 5).unwrap().state_dict().unwrap();
    let options = [
        LoadOptions::new(),
        LoadOptions::new().keep_dtype(),
        LoadOptions::new().dtype(DType::F16),
        LoadOptions::new().dtype(DType::BF16),
        LoadOptions::new().dtype(DType::F64),
    ];
    for name in ["wide.pt", "wide.safetensors"] {
        for saved in [None, Some(DType::F16)] {
            let path = folder.path().join(name);
            match saved {
                None => own.save(&path).unwrap(),
                Some(dtype) => {
                    let half = LoadOptions::new().dtype(dtype);
                    let (half, _) = Wide::new().load_state_dict_with(&own, Cpu, &half).unwrap();
                    half.state_dict().unwrap().save(&path).unwrap();
                }
            }
            let state = Checkpoint::open(&path).unwrap().state_dict().unwrap();
            for options in &options {
                let (cpu, _) = Wide::new().load_state_dict_with(&state, Cpu, options).unwrap();
                let (gpu, _) = Wide::new().load_state_dict_with(&state, GPU, options).unwrap();
                let (cpu, gpu) = (cpu.state_dict().unwrap(), gpu.state_dict().unwrap());
                assert_eq!(cpu.len(), gpu.len());
                for (key, entry) in cpu.iter() {
                    let (cpu, gpu) = (entry.read().unwrap(), gpu.get(key).unwrap().read().unwrap());
                    assert_eq!(cpu.dtype(), gpu.dtype(), "{name}: {key}");
                    assert!(bytes(cpu.as_candle()) == bytes(gpu.as_candle()), "{name}, {saved:?}: {key}: other bytes");
                }
            }
        }
    }
}

/// Mixed dtypes, big-endian files, views, transposed and deflated storages: those that go through pinned memory and those
/// that do not, in one load.
#[test]
fn files_of_every_layout_load_to_the_gpu_as_to_the_cpu() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checkpoints");
    let mut compared = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let Some(state) = Checkpoint::open(&path).ok().and_then(|file| file.state_dict().ok()) else { continue };
        let Ok(expected) = state.map_location("cpu").and_then(|state| state.tensors()) else { continue };
        let tensors = state.map_location("cuda:0").unwrap().tensors().unwrap();
        for (key, expected) in &expected {
            let tensor = &tensors[key];
            assert!(tensor.device().is_cuda(), "{}: {key}", path.display());
            assert!(bytes(tensor) == bytes(expected), "{}: {key}: other bytes", path.display());
            compared += 1;
        }
    }
    assert!(compared > 200, "only {compared} tensors were compared");
}
