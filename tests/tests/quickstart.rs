//! The whole of the quickstart against PyTorch's own answers, from each of the files.

use examples::digits::{Net, TestSet, correct, max_difference, path};
use model_runtime::prelude::*;
use model_runtime::state_dict::Entry;

fn logits(file: &str) -> Tensor<Cpu> {
    let state = Checkpoint::open(path(file)).unwrap().state_dict().unwrap();
    let net = Net::new().load_state_dict(&state, Cpu).unwrap();
    net.forward(&TestSet::open().unwrap().images).unwrap()
}

#[test]
fn the_logits_are_pytorchs_from_every_file() {
    let test = TestSet::open().unwrap();
    for file in ["digits.pt", "digits_legacy.pt", "digits_cpu.pt"] {
        let logits = logits(file);
        assert!(max_difference(&logits, &test.logits).unwrap() < 1e-4, "{file}");
        assert_eq!(correct(&logits, &test.labels).unwrap(), 355, "{file}");
    }
}

#[test]
fn the_files_say_where_they_were_saved() {
    for (file, saved) in [("digits.pt", "cuda:0"), ("digits_legacy.pt", "cuda:0"), ("digits_cpu.pt", "cpu")] {
        let state = Checkpoint::open(path(file)).unwrap().state_dict().unwrap();
        assert_eq!(state.len(), 18, "{file}");
        assert!(state.iter().all(|(_, entry)| entry.location() == saved), "{file}");
    }
}

#[test]
fn the_keys_of_the_struct_are_those_of_the_file_in_its_order() {
    let state = Checkpoint::open(path("digits.pt")).unwrap().state_dict().unwrap();
    let net = Net::new().load_state_dict(&state, Cpu).unwrap();
    let ours = net.state_dict().unwrap();
    assert_eq!(ours.keys().collect::<Vec<_>>(), state.keys().collect::<Vec<_>>());
}

#[test]
fn a_saved_model_loads_bit_for_bit() {
    let state = Checkpoint::open(path("digits.pt")).unwrap().state_dict().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("digits.safetensors");
    Net::new().load_state_dict(&state, Cpu).unwrap().state_dict().unwrap().save(&saved).unwrap();
    let again = Checkpoint::open(&saved).unwrap().state_dict().unwrap();
    assert_eq!(again.keys().collect::<Vec<_>>(), state.keys().collect::<Vec<_>>());
    let bytes = |entry: &Entry| {
        let mut bytes = Vec::new();
        entry.read().unwrap().as_candle().write_bytes(&mut bytes).unwrap();
        bytes
    };
    for (key, entry) in state.iter() {
        let saved = again.get(key).unwrap();
        assert_eq!((entry.dtype(), entry.shape()), (saved.dtype(), saved.shape()), "{key}");
        assert_eq!(bytes(entry), bytes(saved), "{key}");
    }
}
