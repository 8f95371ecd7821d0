//! Devices that are not there: the error says whether the build, the machine or the ordinal is at fault.

use model_runtime::prelude::*;

#[cfg(not(feature = "cuda"))]
#[test]
fn a_build_without_the_feature_says_how_to_get_it() {
    let error = Tensor::zeros(2, DType::F32, Cuda::<0>).unwrap_err().to_string();
    assert!(error.contains("`cuda:0` is not available: this program was built without the feature `cuda`"), "{error}");
    assert!(error.contains("cargo build --features cuda"), "{error}");
    let error = Linear::new(2, 2).init(Cuda::<1>).unwrap_err().to_string();
    assert!(error.starts_with("`cuda:1` is not available"), "{error}");
}

#[cfg(not(feature = "metal"))]
#[test]
fn metal_is_named_as_metal() {
    let error = Tensor::zeros(2, DType::F32, Metal::<0>).unwrap_err().to_string();
    assert!(error.contains("`metal:0` is not available"), "{error}");
    assert!(error.contains("--features metal"), "{error}");
}

#[test]
fn a_failed_move_names_the_device_and_a_run_time_choice_too() {
    let device: AnyDevice = "cuda:4096".parse().unwrap();
    fn zero<D: Compute>() -> Result<f32> {
        Tensor::zeros((), DType::F32, D::default())?.to_scalar()
    }
    let error = on_device!(device, |D| zero::<D>()).unwrap_err().to_string();
    assert!(error.contains("cuda:4096"), "{error}");
    assert_eq!(on_device!(AnyDevice::Cpu, |D| zero::<D>()).unwrap(), 0.0);
}

#[test]
fn an_unbound_slot_says_how_to_bind_it() {
    device_slot!(Unbound);
    let error = Linear::new(2, 2).init(Unbound).unwrap_err().to_string();
    assert!(error.contains("`Unbound` is not bound yet: call `Unbound::select(\"cuda:0\")?` first"), "{error}");
}

#[test]
fn two_slots_on_one_device_are_two_types_with_one_handle() {
    device_slot!(Left);
    device_slot!(Right);
    Left::select("cpu").unwrap();
    Right::select(AnyDevice::Cpu).unwrap();
    let x = Tensor::ones(2, DType::F32, Left).unwrap();
    // Moving between them copies nothing.
    assert_eq!(x.to(Right).unwrap().as_candle().id(), x.as_candle().id());
}
