//! PyTorch's tests of the names in a state dict, and of the files that it is in, as they hold here.

use std::sync::Arc;

use model_runtime::checkpoint::MapLocation;
use model_runtime::prelude::*;

use super::fixture::{Net, expected, numbers, read, state, strings, values};

#[test]
fn a_state_dict_has_both_names_of_a_shared_layer_and_no_none_and_pytorchs_versions() {
    let expected = expected("net");
    let saved = Net::new().load_state_dict(&state("net.pt"), Cpu).unwrap().state_dict().unwrap();
    assert_eq!(saved.keys().collect::<Vec<_>>(), strings(&expected["keys"]));
    let of_layers = ["linear1", "linear2", "bn", "block.conv"];
    for path in of_layers {
        assert_eq!(saved.version(path), expected["metadata"][path].as_u64(), "{path}");
    }
    for (path, version) in expected["metadata"].as_object().unwrap() {
        assert_eq!(state("net.pt").version(path), version.as_u64(), "{path}");
    }
}

#[test]
fn the_values_of_a_state_dict_are_the_models_own() {
    let net = Net::new().init(Cpu).unwrap();
    let saved = net.state_dict().unwrap();
    for var in net.parameters().unwrap().iter() {
        var.set(&var.zeros_like().unwrap()).unwrap();
    }
    assert_eq!(read(&saved, "linear2.bias"), [0.0; 5]);
}

#[test]
fn a_shared_layer_is_one_parameter_under_its_first_name() {
    let net = Net::new().load_state_dict(&state("net.pt"), Cpu).unwrap();
    let names = |leaves: Vec<(String, _)>| leaves.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(net.named_parameters()), strings(&expected("net")["named_parameters"]));
    assert_eq!(names(net.named_buffers()), strings(&expected("net")["named_buffers"]));
    let text = net.summary().to_string();
    assert!(text.contains("linear1") && text.contains("linear2") && text.contains("conv"), "{text}");
}

#[test]
fn parameters_one_after_the_other_are_the_vector_that_pytorch_makes_of_them() {
    let net = Net::new().load_state_dict(&state("net.pt"), Cpu).unwrap();
    let flat = net
        .named_parameters()
        .into_iter()
        .flat_map(|(_, leaf)| leaf.tensor().unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap());
    assert_eq!(flat.collect::<Vec<_>>(), numbers(&expected("net")["vector"]));
}

#[test]
fn a_buffer_is_found_by_its_dotted_name() {
    let net = vec![Net::new()].load_state_dict(&state("net.pt").add_prefix("0").unwrap(), Cpu).unwrap();
    let buffers: std::collections::HashMap<_, _> = net.named_buffers().into_iter().collect();
    assert_eq!(buffers["0.bn.running_var"].tensor().unwrap().to_vec1::<f32>().unwrap(), [1.0, 1.0]);
    assert!(!buffers.contains_key("0.bn.weight"));
}

#[test]
fn every_parameter_and_buffer_is_made_on_the_device_and_floats_in_the_dtype() {
    let layers = || {
        let norms = (BatchNorm2d::new(4), GroupNorm::new(2, 4), LayerNorm::new(4), RMSNorm::new(4));
        let others = (Conv2d::new(3, 4, 3), Linear::new(3, 4), Embedding::new(3, 4), MultiheadAttention::new(4, 2));
        (norms, others, LSTM::new(3, 4), GRU::new(3, 4))
    };
    let net = layers().init(Cpu).unwrap().to_dtype(DType::F64).unwrap();
    let leaves: Vec<_> = net.named_parameters().into_iter().chain(net.named_buffers()).collect();
    assert!(leaves.len() > 25);
    for (name, leaf) in leaves {
        let dtype = if name.ends_with("num_batches_tracked") { DType::I64 } else { DType::F64 };
        assert_eq!((leaf.dtype(), leaf.device_name().as_str()), (dtype, "cpu"), "{name}");
    }
}

#[test]
fn a_file_in_a_folder_with_other_letters_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("モデル ünï").join("ネット.pt");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    state("net.pt").save(&path).unwrap();
    let again = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    assert_eq!(read(&again, "linear1.bias"), read(&state("net.pt"), "linear1.bias"));
}

#[test]
fn a_legacy_file_that_ends_as_a_zip_archive_does_is_no_zip_archive() {
    let expected: Vec<u8> = b"PK\x05\x06".iter().copied().chain([0; 18]).collect();
    let data = state("fake_zip.pt").get("data").unwrap().read().unwrap();
    assert_eq!(data.to_vec1::<u8>().unwrap(), expected);
}

#[test]
fn a_map_location_does_not_leak_into_the_next_load() {
    let first = state("net.pt").map_location(MapLocation::from([("cpu", "meta")])).unwrap();
    assert!(first.tensors().is_err());
    let second = state("net.pt");
    assert!(second.iter().all(|(_, entry)| entry.location() == "cpu"));
    assert!(second.tensors().is_ok());
}

#[test]
fn a_module_behind_a_pointer_that_is_shared_keeps_both_names() {
    let layer = Arc::new(Linear::new(2, 2));
    let net = vec![Arc::clone(&layer), layer].init(Cpu).unwrap();
    let saved = net.state_dict().unwrap();
    assert_eq!(saved.keys().collect::<Vec<_>>(), ["0.weight", "0.bias", "1.weight", "1.bias"]);
    assert_eq!(net.named_parameters().len(), 2);
}

#[test]
fn a_model_of_its_own_is_loaded_from_the_state_of_another() {
    let net = Net::new().load_state_dict(&state("net.pt"), Cpu).unwrap();
    let mut copy = Net::new().load_state_dict(&net.state_dict().unwrap(), Cpu).unwrap();
    copy.requires_grad(true).unwrap();
    for var in copy.parameters().unwrap().iter() {
        var.set(&var.zeros_like().unwrap()).unwrap();
    }
    assert_eq!(values(&net.linear1.weight), read(&state("net.pt"), "linear1.weight"));
}

#[test]
fn tensors_as_they_were_pickled_before_0_4_keep_their_storage_offset_size_and_strides() {
    for name in ["old_tensor_v1", "old_tensor_v2"] {
        let state = state(&format!("{name}.pt"));
        assert_eq!(state.keys().collect::<Vec<_>>(), ["strided", "all"], "{name}");
        assert_eq!(read(&state, "strided"), numbers(&expected(name)), "{name}");
        assert_eq!(read(&state, "all"), (0..30_u8).map(f32::from).collect::<Vec<_>>(), "{name}");
        let storage = |key| state.get(key).unwrap().storage_id();
        assert_eq!(storage("strided"), storage("all"), "{name}");
    }
}
