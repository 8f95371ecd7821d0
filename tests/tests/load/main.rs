//! `load_state_dict`: every key of the file and every field of the struct is accounted for.

mod dtypes;
mod initial;
mod memory;
mod report;

use candle_core::{DType, Device as CandleDevice};
use model_runtime::prelude::*;

#[derive(Module, Clone, Debug)]
struct Net<D: Device> {
    fc1: Linear<D>,
    norm: BatchNorm2d<D>,
    fc2: Linear<D>,
}

impl Net<Meta> {
    fn new() -> Self {
        Self { fc1: Linear::new(4, 3), norm: BatchNorm2d::new(3), fc2: Linear::new(3, 2) }
    }
}

fn state() -> StateDict {
    Net::new().init_seeded(Cpu, 7).unwrap().state_dict().unwrap()
}

fn report_of(result: Result<Net<Cpu>>) -> LoadReport {
    match result.unwrap_err() {
        Error::Load(error) => error.report().clone(),
        other => panic!("expected a load error, got: {other}"),
    }
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn a_complete_state_dict_loads_with_its_values() {
    let init = Net::new().init_seeded(Cpu, 7).unwrap();
    let net = Net::new().load_state_dict(&init.state_dict().unwrap(), Cpu).unwrap();
    assert_eq!(values(&net.fc1.weight), values(&init.fc1.weight));
    assert_eq!(values(net.norm.running_var.as_ref().unwrap()), [1.0, 1.0, 1.0]);
}

#[test]
fn loading_onto_meta_checks_and_reads_nothing() {
    let net: Net<Meta> = Net::new().load_state_dict(&state(), Meta).unwrap();
    assert_eq!(net.fc1.weight.dims(), [3, 4]);
    let error = Net::new().load_state_dict(&state().add_prefix("x.").unwrap(), Meta).unwrap_err().to_string();
    assert!(error.contains("`LoadOptions::new().strip_prefix(\"x.\")`"), "{error}");
    let partial = state().filter(|key| key.starts_with("fc1"));
    assert!(Net::new().load_state_dict_with(&partial, Meta, &LoadOptions::new().strict(false)).is_ok());
}

#[test]
fn a_candle_tensor_on_the_right_device_is_let_in() {
    let tensor = candle_core::Tensor::zeros(2, DType::F32, &CandleDevice::Cpu).unwrap();
    assert_eq!(Tensor::<Cpu>::try_from_candle(tensor).unwrap().dims(), [2]);
}
