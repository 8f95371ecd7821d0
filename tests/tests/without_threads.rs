//! Where the system refuses to start threads, the calling one reads and writes.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use model_runtime::prelude::*;

type Net<D> = std::collections::BTreeMap<String, Buffer<D>>;

fn bytes(path: &Path) -> Vec<(String, Vec<u8>)> {
    let state = Checkpoint::open(path).map_err(Error::from).and_then(|file| file.state_dict()).expect("a state dict");
    let mut tensors: Vec<_> = state.tensors().expect("tensors").into_iter().collect();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    let bytes = |tensor: candle_core::Tensor| {
        let mut bytes = Vec::new();
        tensor.write_bytes(&mut bytes).expect("bytes");
        bytes
    };
    tensors.into_iter().map(|(key, tensor)| (key, bytes(tensor))).collect()
}

#[test]
fn a_process_that_cannot_start_threads_loads_and_saves_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from.pt"), folder.path().join("to.safetensors"));
    let rows =
        Tensor::<Cpu>::arange(0f32, 3e6, Cpu).and_then(|numbers| numbers.reshape((1000, 3000))).expect("numbers");
    let tensors = [rows.clone(), rows.t().expect("a view"), (rows * 2.0).expect("numbers")];
    let named = |(at, tensor): (usize, Tensor<Cpu>)| (format!("w{at}"), Buffer::from_tensor(tensor));
    let net: Net<Cpu> = tensors.into_iter().enumerate().map(named).collect();
    net.state_dict().and_then(|state| state.save(&from)).expect("a file");
    // More than there are addresses.
    let output = Command::new(env!("CARGO_BIN_EXE_reload"))
        .args([from.as_os_str(), to.as_os_str(), "12000000".as_ref()])
        .env("RUST_MIN_STACK", (1u64 << 60).to_string())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!to.exists(), "in shards");
    assert!(bytes(folder.path().join("to.safetensors.index.json").as_path()) == bytes(&from));
}
