//! Which dtypes and shapes become which.

use candle_core::DType;
use model_runtime::prelude::*;

use super::Net;

#[test]
fn floats_become_the_declared_dtype_and_the_report_says_so() {
    let halves = Net::new().init(Cpu).unwrap().to_dtype(DType::F16).unwrap().state_dict().unwrap();
    let (net, report) = Net::new().load_state_dict_with(&halves, Cpu, &LoadOptions::new()).unwrap();
    assert_eq!(net.fc1.weight.dtype(), DType::F32);
    assert_eq!(report.converted.len(), 8);
    assert!(report.to_string().contains("fc1.weight: float16 to f32"), "{report}");

    let (kept, report) = Net::new().load_state_dict_with(&halves, Cpu, &LoadOptions::new().keep_dtype()).unwrap();
    assert_eq!(kept.fc1.weight.dtype(), DType::F16);
    assert!(report.converted.is_empty());
}

#[test]
fn integers_are_never_made_of_floats() {
    #[derive(Module, Debug)]
    struct Table<D: Device> {
        ids: Buffer<D>,
    }
    let floats = Table { ids: Buffer::new(2, init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let declared = Table { ids: Buffer::new(2, init::ONE).dtype(DType::I64) };
    let error = declared.load_state_dict(&floats, Cpu).unwrap_err();
    assert!(error.to_string().contains("ids, expected: i64, got: float32"), "{error}");
}

#[test]
fn a_scalar_takes_a_tensor_of_one_element_as_old_files_have_it() {
    #[derive(Module, Debug)]
    struct Scale<D: Device> {
        scale: Param<D>,
    }
    let one = Scale { scale: Param::new(1, init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let net = Scale { scale: Param::new((), init::ZERO) }.load_state_dict(&one, Cpu).unwrap();
    assert_eq!(net.scale.to_scalar::<f32>().unwrap(), 1.0);

    let scalar = Scale { scale: Param::new((), init::ONE) }.init(Cpu).unwrap().state_dict().unwrap();
    let error = Scale { scale: Param::new(1, init::ZERO) }.load_state_dict(&scalar, Cpu).unwrap_err().to_string();
    assert!(error.contains("scale, expected: [1], got: []"), "{error}");
}

#[test]
fn a_dtype_for_all_floats_reaches_buffers_that_are_not_saved() {
    #[derive(Module, Debug)]
    struct Rotary<D: Device> {
        weight: Param<D>,
        #[module(persistent = false)]
        inv_freq: Buffer<D>,
        #[module(persistent = false)]
        ids: Buffer<D>,
    }
    let rotary = || Rotary {
        weight: Param::new(2, init::ONE),
        inv_freq: Buffer::computed(2, || Tensor::from_vec(vec![1f32, 0.5], 2, Cpu)),
        ids: Buffer::new(2, init::ZERO).dtype(DType::I64),
    };
    let state = rotary().init(Cpu).unwrap().state_dict().unwrap();
    let (net, _) = rotary().load_state_dict_with(&state, Cpu, &LoadOptions::new().dtype(DType::F16)).unwrap();
    assert_eq!((net.weight.dtype(), net.inv_freq.dtype(), net.ids.dtype()), (DType::F16, DType::F16, DType::I64));

    let Err(error) = rotary().load_state_dict_with(&state, Cpu, &LoadOptions::new().dtype(DType::U8)) else {
        panic!("u8 is no dtype for a model")
    };
    assert!(error.to_string().contains("expected: f32, f16, bf16 or f64, got: u8"), "{error}");
}
