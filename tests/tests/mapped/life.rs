//! What a mapped tensor outlives, what is written to it, and what happens to the file meanwhile.

use model_runtime::memory;
use model_runtime::prelude::*;

use crate::{Net, Turn, all, contents, map, state};

#[test]
fn training_on_mapped_weights_leaves_the_file_as_it_is() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    let bytes = std::fs::read(&path).unwrap();
    let mut net = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
    net.requires_grad(true).unwrap();
    let x = Tensor::ones((2, 100), DType::F32, Cpu).unwrap();
    let loss = net.fc2.forward(&net.fc1.forward(&x).unwrap()).unwrap().sqr().unwrap().sum_all().unwrap();
    let grads = loss.backward().unwrap();
    for var in net.parameters().unwrap().iter() {
        if let Some(grad) = grads.get(var) {
            var.set(&(var.as_tensor() - (grad * 0.1).unwrap()).unwrap()).unwrap();
        }
    }
    let fresh = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
    assert_ne!(all(&net), all(&fresh));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_is_written_in_place_stays_in_this_load() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.safetensors", 5);
    let bytes = std::fs::read(&path).unwrap();
    let state = state(&path);
    let (first, second) =
        (state.get("fc1.weight").unwrap().read().unwrap(), Net::new().load_state_dict(&state, Cpu).unwrap());
    let before = all(&second);
    let row = Tensor::full(7f32, (1, 100), Cpu).unwrap();
    first.slice_set(&row, 0, 3).unwrap();
    assert_eq!(first.i(3).unwrap().to_vec1::<f32>().unwrap(), [7.0; 100]);
    assert_eq!(
        first.i(4).unwrap().to_vec1::<f32>().unwrap(),
        second.fc1.weight.i(4).unwrap().to_vec1::<f32>().unwrap()
    );
    assert_eq!(all(&second), before);
    second.norm.running_mean.as_ref().unwrap().const_set(3f32).unwrap();
    second.fc1.weight.zero_set().unwrap();
    assert_eq!(second.fc1.weight.sum_all().unwrap().to_scalar::<f32>().unwrap(), 0.0);
    assert_eq!(first.i(3).unwrap().to_vec1::<f32>().unwrap(), [7.0; 100]);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert_eq!(all(&Net::new().load_state_dict(&state, Cpu).unwrap()), before);
}

#[test]
fn a_model_is_saved_over_the_file_that_it_lies_on() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    for name in ["net.pt", "net.safetensors"] {
        let path = Net::file(folder.path(), name, 5);
        let net = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
        let old = all(&net);
        net.fc1.weight.zero_set().unwrap();
        let changed = all(&net);
        assert_ne!(old, changed);
        for _ in 0..3 {
            net.state_dict().unwrap().save(&path).unwrap();
            assert_eq!(all(&net), changed, "the old file is still there for it");
            let again = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
            assert_eq!(all(&again), changed);
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(all(&net), changed);
    }
}

#[test]
fn the_checkpoint_and_the_model_go_in_any_order() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    let expected = all(&Net::new().init_seeded(Cpu, 5).unwrap());
    for model_first in [true, false] {
        let checkpoint = map(&path).unwrap();
        let state = checkpoint.state_dict().unwrap();
        let net = Net::new().load_state_dict(&state, Cpu).unwrap();
        if model_first {
            drop(net);
            assert_eq!(memory::mapped().mappings, 0);
            assert_eq!(all(&Net::new().load_state_dict(&state, Cpu).unwrap()), expected);
        } else {
            drop((checkpoint, state));
            assert_eq!(all(&net), expected);
        }
    }
}

#[test]
fn a_single_tensor_keeps_the_mapping() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    let net = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
    let view = net.fc1.weight.narrow(0, 10, 5).unwrap().t().unwrap();
    drop(net);
    assert_eq!((memory::mapped().mappings, memory::mapped().tensors), (1, 1));
    let read = Checkpoint::open(&path).unwrap().state_dict().unwrap().get("fc1.weight").unwrap().read().unwrap();
    let read = read.narrow(0, 10, 5).unwrap().t().unwrap();
    assert_eq!(view.to_vec2::<f32>().unwrap(), read.to_vec2::<f32>().unwrap());
}

#[test]
fn a_mapped_model_moves_converts_and_computes_like_any_other() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.safetensors", 5);
    let mapped = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
    let plain = Net::new().load_state_dict(&Checkpoint::open(&path).unwrap().state_dict().unwrap(), Cpu).unwrap();
    let x = Tensor::randn(0f32, 1.0, (4, 100), Cpu).unwrap();
    let forward = |net: &Net<Cpu>| net.fc2.forward(&net.fc1.forward(&x).unwrap().relu().unwrap()).unwrap();
    assert_eq!(contents(forward(&mapped).as_candle()), contents(forward(&plain).as_candle()));
    let (mapped, plain) = (mapped.to(Cpu).unwrap(), plain.to(Cpu).unwrap());
    assert_eq!(all(&mapped), all(&plain));
    let (mapped, plain) = (mapped.to_dtype(DType::F64).unwrap(), plain.to_dtype(DType::F64).unwrap());
    assert_eq!(all(&mapped), all(&plain));
    let auto = Net::new().load_state_dict(&state(&path), Auto).unwrap().to(Cpu).unwrap();
    assert_eq!(all(&auto.to_dtype(DType::F64).unwrap()), all(&plain));
}

#[test]
fn thousands_of_loads_leave_nothing() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    let state = state(&path);
    let mut starts = std::collections::HashSet::new();
    for round in 0..3000 {
        let tensor = state.get("fc1.weight").unwrap().read().unwrap();
        if round % 1000 == 0 {
            let net = Net::new().load_state_dict(&state, Cpu).unwrap();
            assert_eq!(net.fc1.weight.to_vec2::<f32>().unwrap(), tensor.to_vec2::<f32>().unwrap());
        }
        let (storage, _) = tensor.as_candle().storage_and_layout();
        let candle_core::Storage::Cpu(storage) = &*storage else { panic!("on the CPU") };
        starts.insert(storage.as_slice::<f32>().unwrap().as_ptr());
    }
    assert_eq!(starts.len(), 1, "the addresses are used again");
}

/// The lines of this process's memory map that name the file.
#[cfg(target_os = "linux")]
#[test]
fn the_system_has_no_mapping_of_the_file_afterwards() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    let name = path.to_str().unwrap().to_owned();
    let lines =
        || std::fs::read_to_string("/proc/self/maps").unwrap().lines().filter(|line| line.contains(&name)).count();
    let net = Net::new().load_state_dict(&state(&path), Cpu).unwrap();
    assert_eq!(lines(), 1);
    drop(net);
    assert_eq!(lines(), 0);
}

#[test]
fn checksums_are_for_verify() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 5);
    // The largest record ends in the second half; the directory, which follows the data, is left alone.
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let plain = Net::new().load_state_dict(&Checkpoint::open(&path).unwrap().state_dict().unwrap(), Cpu);
    assert!(plain.unwrap_err().to_string().contains("checksum"));
    let checkpoint = map(&path).unwrap();
    assert!(Net::new().load_state_dict(&checkpoint.state_dict().unwrap(), Cpu).is_ok());
    assert!(checkpoint.verify().unwrap_err().to_string().contains("checksum"));
}
