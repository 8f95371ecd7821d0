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
