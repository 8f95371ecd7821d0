//! What comes to a device that a plain read brings into memory, whatever the sizes, and what is left of an error.

use std::path::Path;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

use super::super::lane::fake::{Bytes, FakeLane};
use super::super::plan::by_storage;
use super::super::{Request, read as plain};
use super::{BUFFER, Meter, can_read, read};
use crate::checkpoint::{Checkpoint, RawEntry, TensorInfo, bridge};
use crate::error::Result;

type Tensors = Vec<(String, Arc<TensorInfo>)>;

/// A safetensors file of tensors of these dtypes and lengths, with bytes that differ.
fn safetensors(tensors: &[(&str, usize, usize)]) -> Tensors {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (index, (dtype, itemsize, len)) in tensors.iter().enumerate() {
        let start = data.len();
        // Numbers of each dtype, also of the wide ones: their last byte is 0x3f.
        data.extend(
            (0..len * itemsize).map(|at| if (at + 1) % itemsize == 0 { 0x3f } else { (at * 31 + index) as u8 }),
        );
        header.push(format!(
            r#""t{index:04}":{{"dtype":"{dtype}","shape":[{len}],"data_offsets":[{start},{}]}}"#,
            data.len()
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let file = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat();
    tensors_of(&Checkpoint::from_bytes(file).unwrap())
}

fn tensors_of(checkpoint: &Checkpoint) -> Tensors {
    let Ok(state) = checkpoint.raw_state_dict() else { return Tensors::new() };
    let tensor = |(key, entry)| match entry {
        RawEntry::Tensor(tensor) => Some((key, tensor)),
        RawEntry::Unreadable { .. } => None,
    };
    state.entries.into_iter().filter_map(tensor).collect()
}

/// Requests as `dtype`, where it is one, for floating-point tensors, and as they are for the others.
fn requests(tensors: &Tensors, dtype: Option<DType>) -> Vec<Request<'_>> {
    let requests = tensors.iter().filter_map(|(key, tensor)| {
        let own = bridge::dtype(tensor.dtype()).ok()?;
        let dtype = dtype.filter(|_| own.is_float() && own != DType::F8E4M3).unwrap_or(own);
        Some(Request { key, tensor, dtype, device: &Device::Cpu, as_variable: false })
    });
    requests.collect()
}

/// What came to the device, and the number of the request that it is for.
fn staged(lane: &FakeLane, requests: &[Request<'_>]) -> Result<Vec<(usize, Bytes)>> {
    let mut storages = by_storage(requests, |_| true)?;
    storages.retain(can_read);
    read(lane, &storages, &Meter::default())
}

fn bytes(tensor: &Tensor) -> Vec<u8> {
    bridge::bytes(tensor).unwrap()
}

/// Compares all that goes to the device with a plain read. What comes back is how much that is.
fn assert_same(lane: &FakeLane, requests: &[Request<'_>], at: &str) -> usize {
    let staged = staged(lane, requests).unwrap_or_else(|error| panic!("{at}: {error}"));
    for (index, memory) in &staged {
        let expected = plain(&[requests[*index]], &Meter::default()).unwrap();
        assert!(*memory.lock().unwrap() == bytes(&expected[0]), "{at}: {}", requests[*index].key);
    }
    assert_eq!(lane.on_their_way(), 0, "{at}");
    staged.len()
}

/// Tensors that are smaller and larger than a buffer, and no multiple of anything.
fn of_all_sizes() -> Tensors {
    let mut tensors: Vec<(&str, usize, usize)> = vec![
        ("F32", 4, 700_001),
        ("F16", 2, 3),
        ("I64", 8, 1),
        ("F32", 4, BUFFER / 4),
        ("F16", 2, BUFFER + 5),
        ("U8", 1, 1),
        ("BF16", 2, 77),
        ("F64", 8, 300_007),
        ("U8", 1, 2 * BUFFER + 1),
    ];
    tensors.extend((0..200).map(|index| ("F32", 4, 1 + index % 7)));
    safetensors(&tensors)
}

#[test]
fn tensors_of_all_sizes_arrive_as_they_are_and_converted() {
    let tensors = of_all_sizes();
    for dtype in [None, Some(DType::F32), Some(DType::F64), Some(DType::F16), Some(DType::BF16)] {
        for lane in [FakeLane::default(), FakeLane::default().odd_are_quick()] {
            assert_eq!(assert_same(&lane, &requests(&tensors, dtype), &format!("{dtype:?}")), tensors.len());
            assert_eq!(lane.finished(), 1);
        }
    }
}

#[test]
fn tiny_tensors_share_buffers() {
    let tensors = safetensors(&vec![("F32", 4, 3); 500]);
    let lane = FakeLane::default();
    assert_eq!(assert_same(&lane, &requests(&tensors, None), "tiny"), 500);
    assert!(lane.sends() < 20, "{} sends", lane.sends());
}

#[test]
fn checkpoints_of_every_layout_arrive_as_by_a_plain_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/checkpoints");
    let mut arrived = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension == "json") {
            continue;
        }
        let Ok(checkpoint) = Checkpoint::open(&path) else { continue };
        let tensors = tensors_of(&checkpoint);
        for dtype in [None, Some(DType::F16)] {
            let mut requests = requests(&tensors, dtype);
            requests.retain(|request| plain(&[*request], &Meter::default()).is_ok());
            arrived += assert_same(&FakeLane::default(), &requests, &path.display().to_string());
        }
    }
    assert!(arrived > 200, "only {arrived} tensors went this way");
}

#[test]
fn what_needs_more_than_segments_and_conversions_goes_another_way() {
    let tensors = safetensors(&[("F32", 4, 10), ("I64", 8, 10), ("F32", 4, 0)]);
    let can =
        |requests: &[Request<'_>]| by_storage(requests, |_| true).unwrap().iter().map(can_read).collect::<Vec<_>>();
    let plain = requests(&tensors, None);
    assert_eq!(can(&plain[..1]), [true]);
    assert_eq!(can(&[plain[0], Request { dtype: DType::F16, ..plain[0] }]), [false], "two tensors of the same bytes");
    assert_eq!(can(&[Request { dtype: DType::F32, ..plain[1] }]), [false], "candle is to convert it");
    assert_eq!(can(&plain[2..]), [false], "nothing to copy");
}

#[test]
fn an_error_of_the_device_comes_back_when_nothing_is_on_its_way() {
    let tensors = of_all_sizes();
    let requests = requests(&tensors, None);
    for (lane, what) in [
        (FakeLane::broken(Some(3), None, false), "copy"),
        (FakeLane::broken(None, Some(1), false), "buffer"),
        (FakeLane::broken(None, None, true), "finish"),
    ] {
        let error = staged(&lane, &requests).unwrap_err().to_string();
        assert_eq!(error, format!("the fake device refuses a {what}"));
        assert_eq!((lane.on_their_way(), lane.finished()), (0, 1), "{what}");
    }
}

#[test]
fn damage_in_the_middle_is_found_and_nothing_stays_on_its_way() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/digits/digits.pt");
    let mut file = std::fs::read(path).unwrap();
    let whole = tensors_of(&Checkpoint::from_bytes(file.clone()).unwrap());
    let (key, tensor) = whole.iter().max_by_key(|(_, tensor)| tensor.nbytes()).unwrap();
    let needle = tensor.read_bytes().unwrap();
    let at = file.windows(needle.len()).position(|window| window == needle).unwrap();
    file[at + needle.len() / 2] ^= 1;
    let damaged = tensors_of(&Checkpoint::from_bytes(file).unwrap());
    let lane = FakeLane::default();
    let error = staged(&lane, &requests(&damaged, None)).unwrap_err().to_string();
    assert!(error.contains(key.as_str()) && error.contains("checksum"), "{error}");
    assert_eq!((lane.on_their_way(), lane.finished()), (0, 1));
}
