//! Opening a file takes what its structure takes: reads, bytes and memory grow with the number of tensors, not faster, and
//! no data is read. Counted, not timed.

mod counting;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Result as IoResult, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model_runtime::checkpoint::SaveOptions;
use model_runtime::prelude::*;

/// Tensors of a small and of a large model: sixteen times as many, so that tables which double are as full in both.
const COUNTS: [usize; 2] = [1_000, 16_000];
/// How much more the large one may take.
const MOST: usize = 18;

#[derive(Module, Debug)]
struct Net<D: Device> {
    layers: BTreeMap<String, Param<D>>,
}

fn declared(count: usize) -> Net<Meta> {
    let name = |index| (format!("{index:05}"), Param::new((2, 3), init::ZERO));
    Net { layers: (0..count).map(name).collect() }
}

fn saved(count: usize, elements: usize, path: &Path, options: &SaveOptions) {
    let tensor = |index: usize| Tensor::full(index as f32, (2, elements / 2), Cpu).map(Param::from_tensor);
    let layers = (0..count).map(|index| Ok((format!("{index:05}"), tensor(index)?))).collect::<Result<_>>();
    let state = layers.and_then(|layers| Net { layers }.state_dict()).expect("a state dict");
    state.save_with(path, options).expect("a file");
}

/// A file in memory that counts how often it is read, and how much.
struct Counted {
    file: Cursor<Vec<u8>>,
    reads: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> IoResult<usize> {
        let read = self.file.read(out)?;
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(read, Ordering::Relaxed);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        self.file.seek(to)
    }
}

/// Reads and bytes that opening the file takes.
fn reads(path: &Path) -> (usize, usize) {
    let (reads, bytes) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let file = Cursor::new(std::fs::read(path).expect("a file"));
    let counted = Counted { file, reads: Arc::clone(&reads), bytes: Arc::clone(&bytes) };
    Checkpoint::from_reader(counted).and_then(|file| file.raw_state_dict()).expect("a checkpoint");
    (reads.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed))
}

#[test]
fn memory_grows_with_the_number_of_tensors() {
    let folder = tempfile::tempdir().expect("a folder");
    let sharded = SaveOptions::new().max_shard_size(1 << 12);
    for (name, opened, options) in [
        ("net.pt", "net.pt", SaveOptions::new()),
        ("net.safetensors", "net.safetensors", SaveOptions::new()),
        ("cut.safetensors", "cut.safetensors.index.json", sharded),
    ] {
        let measured = COUNTS.map(|count| {
            saved(count, 6, &folder.path().join(name), &options);
            let net = declared(count);
            let (state, to_open) = counting::peak(|| Checkpoint::open(folder.path().join(opened))?.state_dict());
            let state = state.expect("a state dict");
            assert_eq!(state.len(), count);
            let (loaded, to_plan) = counting::peak(|| net.load_state_dict(&state, Meta));
            loaded.expect("a model");
            (to_open, to_plan)
        });
        let [few, many] = measured;
        assert!(many.0 <= MOST * few.0, "{name}: opening takes {} bytes, and {}", few.0, many.0);
        assert!(many.1 <= MOST * few.1, "{name}: planning takes {} bytes, and {}", few.1, many.1);
        assert!(many.0 <= 4_000 * COUNTS[1], "{name}: {} bytes", many.0);
    }
}

#[test]
fn small_tensors_are_opened_with_few_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["net.pt", "net.safetensors"] {
        let path = folder.path().join(name);
        saved(10_000, 6, &path, &SaveOptions::new());
        let len = std::fs::metadata(&path).expect("a file").len() as usize;
        let (reads, bytes) = reads(&path);
        assert!(reads <= len / (16 << 10) + 32, "{name}: {reads} reads of {len} bytes");
        assert!(bytes <= len + len / 4 + (128 << 10), "{name}: {bytes} of {len} bytes");
    }
}

#[test]
fn no_data_of_large_tensors_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, each) in [("net.pt", 2_048), ("net.safetensors", 256)] {
        let path = folder.path().join(name);
        saved(300, 16 << 10, &path, &SaveOptions::new());
        let (reads, bytes) = reads(&path);
        assert!(reads <= 300 + 32, "{name}: {reads} reads");
        assert!(bytes <= 300 * each + (128 << 10), "{name}: {bytes} bytes");
    }
}
