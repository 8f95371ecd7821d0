//! Feeds damaged files to the checkpoint readers: whatever the bytes are, there is an answer, soon and within bounds.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

mod counting;

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointErrorKind, RawEntry, Value};

/// A stack on which a reader that recurses into nested values would not get far.
const SMALL_STACK: usize = 256 << 10;
/// What refusing a file may take: this, and twice the file.
const BASE_MEMORY: usize = 64 << 10;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "pt" || ext == "pth" || ext == "safetensors"));
    files.sort();
    files
}

/// Good files, small enough to be damaged thousands of times.
fn seeds() -> Vec<Vec<u8>> {
    const LARGEST: usize = 16 << 10;
    let files = fixtures("checkpoints").into_iter().map(|path| fs::read(path).unwrap());
    files.filter(|bytes| bytes.len() <= LARGEST).collect()
}

/// Opens the bytes and reads all there is. Whether they were accepted.
fn exercise(bytes: Vec<u8>) -> bool {
    let Ok(checkpoint) = Checkpoint::from_bytes(bytes) else { return false };
    let _ = format!("{checkpoint:?}");
    checkpoint.storages().iter().for_each(|storage| drop(storage.read()));
    let mut pending = vec![checkpoint.root().clone()];
    while let Some(value) = pending.pop() {
        if let Some(tensor) = value.as_tensor()
            && let (Ok(bytes), Ok(storage)) = (tensor.read_bytes(), tensor.storage().read())
        {
            assert_eq!(tensor.gather(&storage).unwrap(), bytes);
        }
        pending.extend(value.as_list().into_iter().flatten().cloned());
        pending.extend(value.as_dict().into_iter().flat_map(|dict| dict.iter().map(|(_, value)| value.clone())));
    }
    drop(checkpoint.raw_state_dict());
    true
}

fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(SMALL_STACK).spawn(test).unwrap().join().unwrap();
}

/// A generator of numbers that are the same in every run (xorshift).
fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    on_a_small_stack(|| {
        for seed in seeds() {
            let step = seed.len() / 400 + 1;
            for len in (0..seed.len()).step_by(step) {
                // The padding of a tar archive may be missing.
                let is_padding = seed.get(257..262) == Some(b"ustar") && seed[len..].iter().all(|byte| *byte == 0);
                assert!(!exercise(seed[..len].to_vec()) || is_padding, "{len} of {} bytes were enough", seed.len());
            }
        }
    });
}

#[test]
fn a_file_with_changed_bytes_is_read_or_refused() {
    const ROUNDS: usize = 150;
    on_a_small_stack(|| {
        let mut next = numbers(0x9e37_79b9_7f4a_7c15);
        for seed in seeds() {
            for _ in 0..ROUNDS {
                let mut bytes = seed.clone();
                for _ in 0..=next(4) {
                    let at = next(bytes.len());
                    bytes[at] = [0, 0xff, 0x7f, 0x80, bytes[at] ^ 1, bytes[at].wrapping_add(1), b'.', b'R'][next(8)];
                }
                exercise(bytes);
            }
        }
    });
}

#[test]
fn refusing_a_file_takes_little_memory() {
    for path in fixtures("broken") {
        let bytes = fs::read(&path).unwrap();
        let len = bytes.len();
        let (refused, peak) = counting::peak(|| Checkpoint::from_bytes(bytes).is_err());
        assert!(!refused || peak <= BASE_MEMORY + 2 * len, "{}: {peak} bytes for {len}", path.display());
    }
}

#[test]
fn a_file_that_became_shorter_is_an_error() {
    for path in fixtures("checkpoints") {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.pt");
        fs::copy(&path, &copy).unwrap();
        let checkpoint = Checkpoint::open(&copy).unwrap();
        OpenOptions::new().write(true).open(&copy).unwrap().set_len(10).unwrap();
        for storage in checkpoint.storages().iter().filter(|storage| storage.nbytes() > 0) {
            let error = storage.read().unwrap_err();
            assert_eq!(error.kind(), CheckpointErrorKind::Io, "{error}");
            assert!(error.to_string().contains("copy.pt: storage `"), "{error}");
        }
    }
}

#[test]
fn a_file_that_shrinks_anywhere_while_open_gives_the_same_bytes_or_an_error() {
    const POINTS: usize = 1000;
    let bytes = fs::read(fixtures("checkpoints").into_iter().find(|path| path.ends_with("views.pt")).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("copy.pt");
    let mut next = numbers(0x1234_5678_9abc_def1);
    let mut refused = 0;
    for _ in 0..POINTS {
        fs::write(&path, &bytes).unwrap();
        let checkpoint = Checkpoint::open(&path).unwrap();
        let whole = Checkpoint::from_bytes(bytes.clone()).unwrap();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(next(bytes.len()) as u64).unwrap();
        for (storage, expected) in checkpoint.storages().iter().zip(whole.storages()) {
            match storage.read() {
                Ok(bytes) => assert_eq!(bytes, expected.read().unwrap()),
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), CheckpointErrorKind::Io, "{error}");
                }
            }
        }
    }
    assert!(refused > POINTS / 4, "{refused}");
}

/// The keys of all tensors, their shapes and their bytes.
fn tensors(checkpoint: &Checkpoint) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), checkpoint.root().clone())];
    while let Some((key, value)) = pending.pop() {
        if let Some(tensor) = value.as_tensor() {
            found.push(format!("{key} {tensor:?} {:?}", tensor.read_bytes().map_err(|error| error.to_string())?));
        }
        pending.extend(value.as_list().into_iter().flatten().map(|value| (key.clone(), value.clone())));
        let entries = value.as_dict().into_iter().flat_map(|dict| dict.iter());
        pending.extend(entries.map(|(name, value)| (format!("{key}.{name}"), value.clone())));
    }
    Ok(found)
}

#[test]
fn every_single_changed_bit_of_an_archive_is_an_error_or_changes_no_tensor() {
    for name in ["views.pt", "requires_grad.pt", "with_comment.pt"] {
        let path = fixtures("checkpoints").into_iter().find(|path| path.ends_with(name)).unwrap();
        let bytes = fs::read(path).unwrap();
        let expected = tensors(&Checkpoint::from_bytes(bytes.clone()).unwrap()).unwrap();
        let mut refused = 0;
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let found = Checkpoint::from_bytes(changed).map_err(|error| error.to_string());
            match found.and_then(|checkpoint| tensors(&checkpoint)) {
                Ok(found) => assert_eq!(found, expected, "{name}, byte {at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > bytes.len() / 10, "{name}: {refused} of {}", bytes.len());
    }
}

#[test]
fn values_nested_a_thousand_deep_are_handled_on_a_small_stack() {
    on_a_small_stack(|| {
        let magic = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.".to_vec();
        let nested =
            |depth: usize| [b"\x80\x02".to_vec(), b"]".repeat(depth), b"a".repeat(depth - 1), b".".to_vec()].concat();
        let file = |depth: usize| [magic.clone(), nested(depth), b"\x80\x02].".to_vec()].concat();
        let checkpoint = Checkpoint::from_bytes(file(1000)).unwrap();
        let mut value = checkpoint.root().clone();
        let mut depth = 0;
        while let Value::List(items) = &value {
            depth += 1;
            let Some(inner) = items.first().cloned() else { break };
            value = inner;
        }
        assert_eq!(depth, 1000);
        assert!(Checkpoint::from_bytes(file(1001)).unwrap_err().to_string().contains("Limits::nesting"));
        assert!(Checkpoint::from_bytes(file(150_000)).is_err());
    });
}

#[test]
fn an_unreadable_tensor_is_named_and_the_others_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checkpoints/no_data_tensors.pt");
    let state = Checkpoint::open(path).unwrap().raw_state_dict().unwrap();
    let reasons: Vec<(&str, bool)> = state
        .entries
        .iter()
        .map(|(key, entry)| (key.as_str(), matches!(entry, RawEntry::Unreadable { reason } if !reason.is_empty())))
        .collect();
    assert_eq!(reasons, [("usual", false), ("meta", true), ("sparse", true), ("quantized", true)]);
}
