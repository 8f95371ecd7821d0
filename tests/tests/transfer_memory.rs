//! A load needs the memory of the model and little more: whatever the format, the strides and the dtypes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use model_runtime::prelude::*;

/// Counts the bytes that the program holds, whatever the thread.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator with the same arguments; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::SeqCst) + layout.size();
        PEAK.fetch_max(held, Ordering::SeqCst);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` returns, and the most bytes that it held at a time, with those that it returned.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    let result = work();
    (result, PEAK.load(Ordering::SeqCst) - before)
}

type Net<D> = BTreeMap<String, Buffer<D>>;

const ROWS: usize = 2048;
const COLUMNS: usize = 4096;
const MIB: usize = 1 << 20;

/// Saves four matrices of 32 MiB, one of them transposed, two of them parts of one.
fn save(path: &Path) {
    let rows = Tensor::<Cpu>::arange(0f32, ROWS as f32, Cpu).unwrap().reshape((ROWS, 1)).unwrap();
    let matrix = || rows.broadcast_as((ROWS, COLUMNS)).unwrap().contiguous().unwrap();
    let shared = Tensor::cat(&[&matrix(), &matrix()], 0).unwrap();
    let tensors =
        [matrix(), matrix().t().unwrap(), shared.narrow(0, 0, ROWS).unwrap(), shared.narrow(0, ROWS, ROWS).unwrap()];
    let named = |(at, tensor): (usize, Tensor<Cpu>)| (format!("w{at}"), Buffer::from_tensor(tensor));
    let net: Net<Cpu> = tensors.into_iter().enumerate().map(named).collect();
    net.state_dict().unwrap().save(path).unwrap();
}

/// Writes four matrices of `uint16`, which candle lacks, each of one number.
fn save_narrow(path: &Path) {
    let nbytes = 2 * ROWS * COLUMNS;
    let entry = |at: usize| {
        let (start, end) = (at * nbytes, (at + 1) * nbytes);
        format!(r#""w{at}":{{"dtype":"U16","shape":[{ROWS},{COLUMNS}],"data_offsets":[{start},{end}]}}"#)
    };
    let header = format!("{{{}}}", [0, 1, 2, 3].map(entry).join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    (0..4).for_each(|at| file.extend(std::iter::repeat_n(at, nbytes)));
    std::fs::write(path, file).unwrap();
}

fn declared() -> Net<Meta> {
    let shapes = [(ROWS, COLUMNS), (COLUMNS, ROWS), (ROWS, COLUMNS), (ROWS, COLUMNS)];
    let named = |(at, shape)| (format!("w{at}"), Buffer::new(shape, init::ZERO));
    shapes.into_iter().enumerate().map(named).collect()
}

// One test: others beside it would be counted too.
#[test]
fn a_load_needs_the_memory_of_the_model_and_a_few_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["net.pt", "net.safetensors"] {
        let path = folder.path().join(name);
        save(&path);
        for dtype in [DType::F32, DType::F16, DType::F64] {
            let weights = 4 * ROWS * COLUMNS * dtype.size_in_bytes();
            let load = || {
                let state = Checkpoint::open(&path)?.state_dict()?;
                declared().load_state_dict_with(&state, Cpu, &LoadOptions::new().dtype(dtype))
            };
            let (loaded, peak) = peak(load);
            let (net, _) = loaded.unwrap();
            let last = net["w1"].i((COLUMNS - 1, ROWS - 1)).unwrap().to_dtype(DType::F32).unwrap();
            assert_eq!(last.to_scalar::<f32>().unwrap(), (ROWS - 1) as f32, "{name} {dtype:?}");
            let bound = weights + weights / 20 + 32 * MIB;
            assert!(peak >= weights && peak <= bound, "{name} {dtype:?}: {} MiB of {}", peak / MIB, weights / MIB);
        }
    }
    let path = folder.path().join("narrow.safetensors");
    save_narrow(&path);
    let weights = 4 * 4 * ROWS * COLUMNS;
    let read = || Checkpoint::open(&path)?.state_dict()?.widen()?.tensors();
    let (read, peak) = peak(read);
    let last = read.unwrap()["w3"].get(ROWS - 1).unwrap().get(COLUMNS - 1).unwrap();
    assert_eq!(last.to_scalar::<u32>().unwrap(), 0x0303);
    let bound = weights + weights / 20 + 8 * MIB;
    assert!(peak >= weights && peak <= bound, "widened: {} MiB of {}", peak / MIB, weights / MIB);
}
