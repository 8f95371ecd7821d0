//! Views of all kinds over storages of all kinds: contiguous, overlapping, strided, expanded, converted, split over devices.

use std::collections::BTreeMap;

use candle_core::{DType, Tensor as CandleTensor};
use model_runtime::checkpoint::RawEntry;
use model_runtime::prelude::*;

use super::archive::{Records, Storage, View, archive};
use super::{Numbers, assert_same, reference};

/// The classes of storages whose elements convert into each other, and others.
const CLASSES: [(&str, usize); 6] = [
    ("FloatStorage", 4),
    ("HalfStorage", 2),
    ("BFloat16Storage", 2),
    ("DoubleStorage", 8),
    ("LongStorage", 8),
    ("ByteStorage", 1),
];

const FLOATS: [DType; 4] = [DType::F32, DType::F16, DType::BF16, DType::F64];

fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides: Vec<usize> =
        shape.iter().rev().scan(1, |step, dim| Some(std::mem::replace(step, *step * dim))).collect();
    strides.reverse();
    strides
}

/// Loads the file with all floats converted to each of `dtypes`, or as they are, and compares each tensor with the plain
/// read of it.
fn compare(file: &[u8], dtypes: &[Option<DType>], at: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.pt");
    std::fs::write(&path, file).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    let raw = checkpoint.raw_state_dict().unwrap();
    let tensors = raw.entries.iter().map(|(key, entry)| match entry {
        RawEntry::Tensor(tensor) => (key, tensor, reference(tensor).unwrap()),
        other => panic!("{at}: {key}: {other:?}"),
    });
    let tensors: Vec<_> = tensors.collect();
    for dtype in dtypes {
        let options = dtype.map_or_else(|| LoadOptions::new().keep_dtype(), |dtype| LoadOptions::new().dtype(dtype));
        let declared = tensors
            .iter()
            .map(|(key, _, tensor)| (key.to_string(), Buffer::new(tensor.shape(), init::ZERO).dtype(tensor.dtype())));
        let declared: BTreeMap<String, Buffer<Meta>> = declared.collect();
        let state = checkpoint.state_dict().unwrap();
        let (loaded, _) = declared.load_state_dict_with(&state, Cpu, &options).unwrap();
        for (key, tensor, expected) in &tensors {
            let to = dtype.filter(|_| expected.dtype().is_float()).unwrap_or(expected.dtype());
            let expected = expected.to_dtype(to).unwrap();
            assert_same(loaded[*key].as_candle(), &expected, &format!("{at} to {to:?}: {key} {tensor:?}"));
        }
    }
}

/// Files with every kind of record, as they are and converted.
fn compare_all(storages: &[Storage], views: &[View], at: &str) {
    let dtypes = [None, Some(DType::F32), Some(DType::F16), Some(DType::BF16), Some(DType::F64)];
    for records in Records::ALL {
        compare(&archive(storages, views, records), &dtypes, &format!("{at}, {records:?}"));
    }
}

fn view(storage: usize, offset: usize, shape: &[usize], strides: &[usize]) -> View {
    View { storage, offset, shape: shape.to_vec(), strides: strides.to_vec() }
}

fn floats(numbers: &mut Numbers, count: usize) -> Storage {
    Storage { class: "FloatStorage", itemsize: 4, bytes: numbers.bytes(4 * count) }
}

#[test]
fn large_storages_are_cut_and_put_together() {
    let mut numbers = Numbers(1);
    // More than two segments of a mebibyte, and not a whole number of blocks.
    let storage = floats(&mut numbers, 300_001);
    compare_all(std::slice::from_ref(&storage), &[view(0, 0, &[300_001], &[1])], "whole");
    compare_all(std::slice::from_ref(&storage), &[view(0, 3, &[290_000], &[1])], "a part");
    let halves = [view(0, 0, &[140_000], &[1]), view(0, 140_001, &[160_000], &[1])];
    compare_all(std::slice::from_ref(&storage), &halves, "side by side");
}

#[test]
fn views_that_overlap_share_one_read() {
    let storage = floats(&mut Numbers(2), 300_000);
    let views = [
        view(0, 0, &[300_000], &[1]),
        view(0, 0, &[150_000], &[1]),
        view(0, 149_999, &[2], &[1]),
        view(0, 7, &[299_990], &[1]),
        view(0, 0, &[0], &[1]),
    ];
    compare_all(&[storage], &views, "overlapping");
}

#[test]
fn strided_views_are_spread_in_the_order_of_the_file() {
    let storage = floats(&mut Numbers(3), 300 * 701);
    let views = [
        view(0, 0, &[701, 300], &[1, 701]),
        view(0, 5, &[300, 100], &[701, 7]),
        view(0, 0, &[2, 150, 701], &[701, 1402, 1]),
        view(0, 0, &[300 * 701], &[1]),
    ];
    for views in [&views[..], &views[..1], &views[1..2], &views[2..3]] {
        compare_all(std::slice::from_ref(&storage), views, "strided");
    }
}

#[test]
fn views_whose_elements_share_places_are_gathered() {
    let storage = floats(&mut Numbers(4), 30_000);
    let views = [
        view(0, 0, &[3, 30_000], &[0, 1]),
        view(0, 9, &[1000, 50], &[2, 1]),
        view(0, 1, &[200], &[0]),
        view(0, 0, &[100, 300], &[1, 100]),
    ];
    compare_all(std::slice::from_ref(&storage), &views, "overlapping windows");
    compare_all(&[storage], &views[..1], "expanded");
}

#[test]
fn many_small_storages_are_read_together() {
    let mut numbers = Numbers(5);
    let storages: Vec<_> = (0..500).map(|number| floats(&mut numbers, 1 + number % 90)).collect();
    let mut views: Vec<_> =
        storages.iter().enumerate().map(|(at, storage)| view(at, 0, &[storage.bytes.len() / 4], &[1])).collect();
    compare_all(&storages, &views, "in order");
    views.reverse();
    compare_all(&storages, &views[..490], "in reverse");
}

/// A view of `numel` elements, of any of the kinds.
fn random_view(numbers: &mut Numbers, storage: usize, numel: usize) -> View {
    let shape: Vec<usize> = (0..numbers.below(4)).map(|_| numbers.below(12)).collect();
    let mut strides = strides(&shape);
    match numbers.below(4) {
        0 => {
            let (a, b) = (numbers.below(shape.len()), numbers.below(shape.len()));
            if a < shape.len() && b < shape.len() {
                strides.swap(a, b);
            }
        }
        1 => strides.iter_mut().for_each(|stride| *stride = numbers.below(*stride * 3 + 2)),
        2 => strides.iter_mut().for_each(|stride| *stride *= 2),
        _ => {}
    }
    let last: usize = shape.iter().zip(&strides).map(|(dim, stride)| dim.saturating_sub(1) * stride).sum();
    match last < numel {
        true => View { storage, offset: numbers.below(numel - last), shape, strides },
        false => View { storage, offset: 0, shape: vec![numel], strides: vec![1] },
    }
}

#[test]
fn random_layouts_are_read_as_plainly() {
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let storages: Vec<_> = (0..1 + numbers.below(5))
            .map(|_| {
                let (class, itemsize) = CLASSES[numbers.below(CLASSES.len())];
                let largest = if numbers.below(8) == 0 { 400_000 } else { 3000 };
                let count = 1 + numbers.below(largest);
                Storage { class, itemsize, bytes: numbers.bytes(count * itemsize) }
            })
            .collect();
        let views: Vec<_> = (0..1 + numbers.below(9))
            .map(|_| {
                let storage = numbers.below(storages.len());
                let numel = storages[storage].bytes.len() / storages[storage].itemsize;
                random_view(&mut numbers, storage, numel)
            })
            .collect();
        let dtype = [None, Some(DType::F32), Some(DType::F16), Some(DType::BF16), Some(DType::F64)][numbers.below(5)];
        let records = Records::ALL[numbers.below(4)];
        compare(&archive(&storages, &views, records), &[dtype], &format!("seed {seed}, {records:?}"));
    }
}

/// Every value of 16 bits, and the values of wider types around what half precision rounds.
fn bit_patterns(dtype: DType) -> Vec<u8> {
    let mut numbers = Numbers(6);
    match dtype {
        DType::F16 | DType::BF16 => (0..=u16::MAX).flat_map(u16::to_le_bytes).collect(),
        DType::F32 => (0..=u16::MAX)
            .flat_map(|high| {
                (u32::from(high) << 16 | [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff][numbers.below(6)]).to_le_bytes()
            })
            .chain((0..=u16::MAX).flat_map(|half| half::f16::from_bits(half).to_f32().to_le_bytes()))
            .collect(),
        _ => (0..=u16::MAX)
            .flat_map(|high| (u64::from(high) << 48 | numbers.below(1 << 30) as u64).to_le_bytes())
            .chain((0..=u16::MAX).flat_map(|half| half::f16::from_bits(half).to_f64().to_le_bytes()))
            .chain((0..100_000).flat_map(|number| (f64::from(number) * 1.37e-3).to_le_bytes()))
            .collect(),
    }
}

#[test]
fn conversions_give_the_bits_that_candle_gives() {
    let classes = [("FloatStorage", DType::F32), ("HalfStorage", DType::F16), ("BFloat16Storage", DType::BF16)];
    for (class, from) in classes.into_iter().chain([("DoubleStorage", DType::F64)]) {
        let bytes = bit_patterns(from);
        let count = bytes.len() / from.size_in_bytes();
        let storages = [Storage { class, itemsize: from.size_in_bytes(), bytes }];
        let file = archive(&storages, &[view(0, 0, &[count], &[1])], Records::Checked);
        compare(&file, &FLOATS.map(Some), &format!("{from:?}"));
    }
}

#[test]
fn tensors_of_one_storage_have_memory_of_their_own_unless_they_are_the_same_view() {
    let storage = floats(&mut Numbers(7), 10);
    let views = [view(0, 0, &[10], &[1]), view(0, 0, &[10], &[1]), view(0, 0, &[5], &[1])];
    let checkpoint = Checkpoint::from_bytes(archive(&[storage], &views, Records::Checked)).unwrap();
    let tensors = checkpoint.state_dict().unwrap().tensors().unwrap();
    let memory = |key: &str| std::ptr::from_ref(&*CandleTensor::storage_and_layout(&tensors[key]).0).addr();
    assert_eq!(memory("0"), memory("1"));
    assert_ne!(memory("0"), memory("2"));
}
