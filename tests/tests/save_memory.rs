//! Saving and converting hold a piece of the data at a time, never a second copy of it.

mod counting;

use std::path::Path;

use candle_core::DType;
use model_runtime::checkpoint::{Checkpoint, RawEntry, SaveOptions, convert};
use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<D: Device> {
    weight: Param<D>,
    steps: Buffer<D>,
}

/// Elements of the weight: 64 MiB of `float32`, and fewer of the others.
const LARGE: usize = 16 << 20;
const SMALL: usize = 4 << 20;
/// Bytes that a save may hold beside the model: its buffers and headers.
const MOST: usize = 1 << 20;

fn net(dtype: DType, elements: usize) -> Net<Cpu> {
    let values = Tensor::<Cpu>::arange(0u32, elements as u32, Cpu).expect("numbers");
    let weight =
        values.to_dtype(DType::F32).and_then(|values| values.to_dtype(dtype)?.reshape((1024, elements / 1024)));
    let steps = Tensor::<Cpu>::zeros(3, DType::I64, Cpu).expect("zeros");
    Net { weight: Param::from_tensor(weight.expect("a matrix")), steps: Buffer::from_tensor(steps) }
}

fn save_peak(state: &StateDict, path: &Path) -> usize {
    let (saved, peak) = counting::peak(|| state.save(path));
    saved.expect("a file is saved");
    peak
}

/// The bytes of the weight in a file.
fn stored(path: &Path) -> Vec<u8> {
    let state = Checkpoint::open(path).and_then(|file| file.raw_state_dict()).expect("a state dict");
    match &state.entries[0] {
        (_, RawEntry::Tensor(tensor)) => tensor.read_bytes().expect("bytes"),
        other => panic!("{other:?}"),
    }
}

fn bytes_of(net: &Net<Cpu>) -> Vec<u8> {
    let mut bytes = Vec::new();
    net.weight.as_candle().write_bytes(&mut bytes).expect("bytes");
    bytes
}

#[test]
fn a_tensor_in_memory_is_written_from_where_it_lies() {
    let folder = tempfile::tempdir().expect("a folder");
    for (dtype, elements) in [(DType::F32, LARGE), (DType::BF16, SMALL), (DType::F16, SMALL), (DType::I64, SMALL)] {
        let net = net(dtype, elements);
        let state = net.state_dict().expect("a state dict");
        let expected = bytes_of(&net);
        for name in ["net.pt", "net.safetensors"] {
            let path = folder.path().join(name);
            let peak = save_peak(&state, &path);
            assert!(peak < MOST, "{dtype:?} to {name}: {peak} bytes");
            assert!(stored(&path) == expected, "{dtype:?} to {name}");
        }
    }
}

#[test]
fn a_tensor_of_a_type_that_is_converted_for_the_file_is_converted_in_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = net(DType::F8E4M3, LARGE);
    let expected = bytes_of(&net);
    for name in ["net.pt", "net.safetensors"] {
        let path = folder.path().join(name);
        let peak = save_peak(&net.state_dict().expect("a state dict"), &path);
        assert!(peak < 9 * MOST, "{name}: {peak} bytes of {}", expected.len());
        assert!(stored(&path) == expected, "{name}");
    }
}

#[test]
fn a_view_is_saved_with_its_storage_and_without_a_copy_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = net(DType::F32, SMALL);
    let view = whole.weight.tensor().t().and_then(|columns| columns.narrow(0, 1, 7)).expect("a view");
    let expected = view.contiguous().and_then(|rows| rows.flatten_all()?.to_vec1::<f32>()).expect("numbers");
    let net = Net { weight: Param::from_tensor(view), steps: whole.steps.clone() };
    let path = folder.path().join("view.pt");
    let peak = save_peak(&net.state_dict().expect("a state dict"), &path);
    assert!(peak < MOST, "{peak} bytes");
    let expected: Vec<u8> = expected.iter().flat_map(|number| number.to_le_bytes()).collect();
    assert!(stored(&path) == expected);
}

#[test]
fn a_tensor_whose_rows_do_not_lie_together_takes_its_storage_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = net(DType::F32, SMALL);
    let view = whole.weight.tensor().t().expect("a view");
    let expected = view.contiguous().and_then(|rows| rows.flatten_all()?.to_vec1::<f32>()).expect("numbers");
    let net = Net { weight: Param::from_tensor(view), steps: whole.steps.clone() };
    let path = folder.path().join("view.safetensors");
    let peak = save_peak(&net.state_dict().expect("a state dict"), &path);
    assert!(peak < 4 * SMALL + MOST, "{peak} bytes");
    let expected: Vec<u8> = expected.iter().flat_map(|number| number.to_le_bytes()).collect();
    assert!(stored(&path) == expected);
}

#[test]
fn a_file_is_converted_without_a_storage_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let net = net(DType::F32, LARGE);
    net.state_dict().and_then(|state| state.save(path("a.pt"))).expect("a file");
    for (from, to) in [("a.pt", "b.safetensors"), ("b.safetensors", "c.pt"), ("c.pt", "d.pt")] {
        let (converted, peak) = counting::peak(|| convert(path(from), path(to), &SaveOptions::new()));
        converted.expect("a conversion");
        assert!(peak < MOST, "{from} to {to}: {peak} bytes");
        assert!(stored(&path(to)) == bytes_of(&net), "{from} to {to}");
    }
    let options = SaveOptions::new().map_location("cuda:1");
    let (saved, peak) = counting::peak(|| Checkpoint::open(path("a.pt"))?.root().save_with(path("e.pt"), &options));
    saved.expect("a file");
    assert!(peak < MOST, "with other locations: {peak} bytes");
}
