//! Types that candle lacks, read as wider ones: every value is the one that torch converts to.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::DType;
use model_runtime::checkpoint::{SaveOptions, ScalarType, Value};
use model_runtime::prelude::*;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tensors").join(name)
}

fn expected() -> Json {
    serde_json::from_str(&fs::read_to_string(fixture("narrow.json")).expect("the fixture")).expect("JSON")
}

fn narrow() -> StateDict {
    Checkpoint::open(fixture("narrow.pt")).expect("a checkpoint").state_dict().expect("a state dict")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A safetensors file of one tensor `w`.
fn safetensors(dtype: &str, shape: &[usize], data: &[u8]) -> StateDict {
    let header = json!({ "w": { "dtype": dtype, "shape": shape, "data_offsets": [0, data.len()] } }).to_string();
    let file = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat();
    Checkpoint::from_bytes(file).map(|file| file.state_dict()).expect("a checkpoint").expect("a state dict")
}

#[derive(Module, Debug)]
struct Net<D: Device> {
    w: Param<D>,
}

#[derive(Module, Debug)]
struct Counts<D: Device> {
    w: Buffer<D>,
}

#[test]
fn every_pattern_of_8_bits_is_the_value_that_pytorch_converts_to() {
    let (wide, expected) = (narrow().widen().expect("wider entries"), expected());
    assert_eq!(wide.len(), 8);
    for (key, entry) in wide.iter() {
        let tensor = entry.read().unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = Vec::new();
        tensor.as_candle().write_bytes(&mut bytes).expect("bytes");
        assert_eq!(json!([entry.dtype().name(), entry.shape(), hex(&bytes)]), expected[key], "{key}");
        assert_eq!(tensor.dims(), entry.shape(), "{key}");
    }
}

#[test]
fn every_uint16_is_a_uint32() {
    let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
    let wide = safetensors("U16", &[256, 256], &all).widen().expect("a wider entry");
    let mut bytes = Vec::new();
    wide.get("w").expect("an entry").read().expect("data").as_candle().write_bytes(&mut bytes).expect("bytes");
    assert_eq!(json!(hex(&Sha256::digest(&bytes))), expected()["every_uint16"]);
}

#[test]
fn without_being_asked_the_error_names_the_key_and_the_option() {
    let state = narrow();
    let error = state.get("int8").expect("an entry").read().unwrap_err().to_string();
    assert!(error.contains("int8: candle has no dtype for `int8`; `LoadOptions::widen(true)`"), "{error}");
    assert!(error.contains("read it as `int16`"), "{error}");
    let net = Net { w: Param::new(2, init::ZERO) };
    let error = net.load_state_dict(&safetensors("F8_E5M2", &[2], &[0, 1]), Cpu).unwrap_err().to_string();
    assert!(error.contains('w') && error.contains("`LoadOptions::widen(true)`"), "{error}");
}

#[test]
fn what_has_no_wider_type_stays_an_error() {
    let state = safetensors("U64", &[1], &[1, 0, 0, 0, 0, 0, 0, 0]).widen().expect("nothing to do");
    assert_eq!(state.get("w").expect("an entry").dtype(), ScalarType::UInt64);
    let error = state.get("w").expect("an entry").read().unwrap_err().to_string();
    assert!(error.contains("candle has no dtype for `uint64`; none holds all of its values"), "{error}");
    let state = safetensors("C64", &[1], &[0; 8]).widen().expect("nothing to do");
    assert!(state.get("w").expect("an entry").read().unwrap_err().to_string().contains("`complex64`"));
}

#[test]
fn a_model_gets_the_dtype_that_it_declares_and_the_report_says_from_what() {
    let file = safetensors("F8_E5M2", &[3], &[0x3c, 0x3e, 0xc0]);
    let options = LoadOptions::new().widen(true);
    let net = || Net { w: Param::new(3, init::ZERO) };
    let (loaded, report) = net().load_state_dict_with(&file, Cpu, &options).expect("a load");
    assert_eq!(loaded.w.to_vec1::<f32>().expect("floats"), [1.0, 1.5, -2.0]);
    assert_eq!(report.converted, [("w".to_owned(), ScalarType::Float8E5M2, DType::F32)]);
    let half = options.clone().dtype(DType::F16);
    let (loaded, _) = net().load_state_dict_with(&file, Cpu, &half).expect("a load");
    assert_eq!(loaded.w.dtype(), DType::F16);
    let (loaded, _) = net().load_state_dict_with(&file, Cpu, &options.clone().keep_dtype()).expect("a load");
    assert_eq!(loaded.w.dtype(), DType::F32);
}

#[test]
fn narrow_integers_load_as_any_integer_that_holds_them_and_as_nothing_else() {
    let options = LoadOptions::new().widen(true);
    let load = |dtype: &str, bytes: &[u8], declared: DType| {
        let net = Counts { w: Buffer::new(2, init::ZERO).dtype(declared) };
        net.load_state_dict_with(&safetensors(dtype, &[2], bytes), Cpu, &options).map(|(net, _)| net)
    };
    let (bytes, words) = ([0x80, 0x7f].as_slice(), [0xff, 0xff, 0, 0x80].as_slice());
    let longs = |net: Counts<Cpu>| net.w.to_vec1::<i64>().expect("integers");
    assert_eq!(load("I8", bytes, DType::I64).map(longs).expect("a load"), [-128, 127]);
    assert_eq!(load("U16", words, DType::I64).map(longs).expect("a load"), [65535, 32768]);
    assert_eq!(load("U16", words, DType::U32).expect("a load").w.to_vec1::<u32>().expect("integers"), [65535, 32768]);
    assert_eq!(load("I8", bytes, DType::I16).expect("a load").w.to_vec1::<i16>().expect("integers"), [-128, 127]);
    for (dtype, bytes, declared) in [("I8", bytes, DType::U32), ("U16", words, DType::I16), ("I8", bytes, DType::F32)] {
        let error = load(dtype, bytes, declared).unwrap_err().to_string();
        assert!(error.contains('w') && error.contains(declared.as_str()), "{error}");
    }
}

#[test]
fn views_stay_views_of_one_storage_and_are_saved_as_such() {
    let wide = narrow().widen().expect("wider entries");
    let storage = |key: &str| wide.get(key).expect("an entry").storage_id();
    assert_eq!(storage("uint16"), storage("uint16_even"));
    assert_ne!(storage("uint16"), storage("int8"));
    let mut bytes = Vec::new();
    Value::from(&wide).write_torch(&mut bytes, &SaveOptions::new()).expect("a file in memory");
    let copy = Checkpoint::from_bytes(bytes).expect("a checkpoint");
    assert_eq!(copy.storages().len(), 6);
    let even = copy.root().get("uint16_even").and_then(Value::as_tensor).expect("a tensor");
    assert_eq!((even.dtype(), even.strides(), even.numel()), (ScalarType::UInt32, [2].as_slice(), 4));
    let bytes = even.read_bytes().expect("bytes");
    assert_eq!(json!(hex(&bytes)), expected()["uint16_even"][2]);
}
