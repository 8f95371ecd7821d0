//! Damaged files: which error comes out does not depend on threads.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model_runtime::checkpoint::Limits;
use model_runtime::prelude::*;

use super::Numbers;
use super::archive::{Records, Storage, View, archive};

fn view(storage: usize, numel: usize) -> View {
    View { storage, offset: 0, shape: vec![numel], strides: vec![1] }
}

/// Storages of so many floats, each with one tensor.
fn file(counts: &[usize], records: Records) -> Vec<u8> {
    let mut numbers = Numbers(11);
    let storage = |count: &usize| Storage { class: "FloatStorage", itemsize: 4, bytes: numbers.bytes(4 * count) };
    let storages: Vec<_> = counts.iter().map(storage).collect();
    let views: Vec<_> = counts.iter().enumerate().map(|(number, count)| view(number, *count)).collect();
    archive(&storages, &views, records)
}

/// The file with one bit of a storage flipped.
fn flipped(mut file: Vec<u8>, storage: usize, byte: usize) -> Vec<u8> {
    let name = format!("a/data/{storage}").into_bytes();
    let header = file.windows(name.len()).position(|window| *window == *name).unwrap();
    file[header + name.len() + byte] ^= 4;
    file
}

fn error(file: Vec<u8>) -> String {
    Checkpoint::from_bytes(file).unwrap().state_dict().unwrap().tensors().unwrap_err().to_string()
}

#[test]
fn a_flipped_bit_in_any_segment_is_found() {
    let count = 900_000;
    for byte in [0, 1 << 20, (1 << 20) - 1, 2_000_000, 4 * count - 1] {
        let text = error(flipped(file(&[count], Records::Checked), 0, byte));
        assert!(text.contains("0: storage `0`") && text.contains("checksum does not match"), "{text}");
    }
}

#[test]
fn a_flipped_bit_outside_of_a_part_that_is_read_is_found_once() {
    let mut numbers = Numbers(12);
    let storage = Storage { class: "FloatStorage", itemsize: 4, bytes: numbers.bytes(4_000_000) };
    for views in [
        vec![View { offset: 10, ..view(0, 100) }],
        vec![View { offset: 10, shape: vec![50], strides: vec![3], storage: 0 }],
    ] {
        let file = flipped(archive(std::slice::from_ref(&storage), &views, Records::Checked), 0, 3_999_999);
        let text = error(file);
        assert!(text.contains("checksum does not match"), "{text}");
    }
}

#[test]
fn the_first_storage_that_cannot_be_read_is_the_error() {
    let counts = [300, 500_000, 20, 700_000, 10, 800_000];
    for records in [Records::Checked, Records::Deflated] {
        let mut damaged = file(&counts, records);
        for storage in [5, 3, 2] {
            damaged = flipped(damaged, storage, 60);
        }
        for _ in 0..20 {
            let text = error(damaged.clone());
            assert!(text.contains("2: storage `2`"), "{text}");
        }
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_open_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.pt");
    let bytes = file(&[100, 900_000, 50], Records::Unchecked);
    for cut in [500, 2_000_000, bytes.len() - 2_000] {
        fs::write(&path, &bytes).unwrap();
        let state = Checkpoint::open(&path).unwrap().state_dict().unwrap();
        File::options().write(true).open(&path).unwrap().set_len(cut as u64).unwrap();
        let text = state.tensors().unwrap_err().to_string();
        assert!(text.contains("net.pt: ") && text.contains("became shorter while it was open"), "{text}");
    }
}

#[test]
fn a_tensor_that_no_memory_has_room_for_is_an_error() {
    let storage = Storage { class: "FloatStorage", itemsize: 4, bytes: vec![0; 8] };
    let views = [view(0, 2), View { storage: 0, offset: 1, shape: vec![1 << 50], strides: vec![0] }];
    let mut limits = Limits::default();
    limits.expanded_bytes = u64::MAX;
    let file = archive(&[storage], &views, Records::Checked);
    let state = Checkpoint::from_bytes_with(file, &limits).unwrap().state_dict().unwrap();
    let text = state.tensors().unwrap_err().to_string();
    assert!(text.starts_with("1: ") && text.contains("no memory for its 4503599627370496 bytes"), "{text}");
}

#[test]
fn tensors_that_repeat_a_storage_many_times_are_refused_by_name() {
    let storage = Storage { class: "FloatStorage", itemsize: 4, bytes: vec![1; 400] };
    let views = |count: usize| (0..count).map(|offset| View { offset, ..view(0, 90) }).collect::<Vec<_>>();
    let mut limits = Limits::default();
    limits.expanded_bytes = 2_000;
    let read = |count, limits: &Limits| {
        let file = archive(std::slice::from_ref(&storage), &views(count), Records::Checked);
        Checkpoint::from_bytes_with(file, limits).unwrap().state_dict().unwrap().tensors()
    };
    // 360 bytes each: four times the storage is less than the limit, which five are below and six above.
    assert_eq!(read(5, &limits).unwrap().len(), 5);
    let text = read(6, &limits).unwrap_err().to_string();
    assert!(text.contains("storage `0`: 6 tensors repeat the 400 bytes of one storage"), "{text}");
    assert!(text.contains("at most 2000, got: 2160; raise `Limits::expanded_bytes`"), "{text}");
    assert_eq!(read(9, &Limits::default()).unwrap().len(), 9);
    limits.expanded_bytes = 0;
    assert_eq!(read(4, &limits).unwrap().len(), 4, "a flat parameter and its parts");
    assert!(read(5, &limits).is_err());
}

/// A file that counts the bytes that are read from each part of it.
struct Counting {
    file: Cursor<Vec<u8>>,
    read: Arc<[AtomicU64]>,
    part: u64,
}

impl Read for Counting {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let at = self.file.position();
        let read = self.file.read(out)?;
        for position in (at..at + read as u64).step_by(1) {
            self.read[(position / self.part) as usize].fetch_add(1, Ordering::Relaxed);
        }
        Ok(read)
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[derive(Module, Debug)]
struct First<D: Device> {
    #[module(rename = "1")]
    one: Buffer<D>,
}

#[derive(Module, Debug)]
struct Split<A: Device, B: Device> {
    #[module(rename = "0")]
    there: Buffer<B>,
    #[module(rename = "1")]
    here: Buffer<A>,
    #[module(rename = "2")]
    there_too: Buffer<B>,
}

const COUNTS: [usize; 3] = [300_000, 310_000, 320_000];

/// The bytes that a load of the three storages reads inside the second one, and outside of it.
fn read_by(load: impl FnOnce(&StateDict)) -> (u64, u64) {
    let (bytes, part) = (file(&COUNTS, Records::Checked), 1024);
    let read: Arc<[AtomicU64]> = (0..=bytes.len() / part).map(|_| AtomicU64::new(0)).collect();
    let start = bytes.windows(8).position(|window| window == b"a/data/1").unwrap() + 8;
    let reader = Counting { file: Cursor::new(bytes), read: Arc::clone(&read), part: part as u64 };
    let state = Checkpoint::from_reader(reader).unwrap().state_dict().unwrap();
    read.iter().for_each(|count| count.store(0, Ordering::Relaxed));
    load(&state);
    let inside = start / part..=(start + 4 * COUNTS[1]) / part;
    let sum = |is_inside: bool| {
        let parts = read.iter().enumerate().filter(|(at, _)| inside.contains(at) == is_inside);
        parts.map(|(_, count)| count.load(Ordering::Relaxed)).sum()
    };
    (sum(true), sum(false))
}

#[test]
fn what_no_field_wants_is_not_read_and_what_is_wanted_is_read_once() {
    let read = read_by(|state| {
        let model = First { one: Buffer::new(COUNTS[1], init::ZERO) };
        let (_, report) = model.load_state_dict_with(state, Cpu, &LoadOptions::new().strict(false)).unwrap();
        assert_eq!(report.loaded, 1);
    });
    assert_eq!(read, (1_240_000, 0));
}

#[test]
fn each_part_of_a_split_model_reads_what_goes_to_its_device() {
    let read = read_by(|state| {
        let [there, here, there_too] = COUNTS.map(|count| Buffer::new(count, init::ZERO));
        let split = Split { there, here, there_too }.load_state_dict(state, (Cpu, Meta)).unwrap();
        assert_eq!(split.here.dims(), [COUNTS[1]]);
    });
    assert_eq!(read, (1_240_000, 0));
}
