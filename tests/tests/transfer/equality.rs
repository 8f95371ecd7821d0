//! Every fixture, read in every way, equals the plain read.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{RawEntry, RawStateDict};

use super::{assert_same, reference};

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, paths),
            false => paths.push(path),
        }
    }
}

/// Compares every tensor of the state dict alone, and all of them read together; says how many there were.
fn compare(checkpoint: &Checkpoint, raw: &RawStateDict, at: &str) -> usize {
    let state = checkpoint.state_dict().unwrap();
    let mut expected = Vec::new();
    for (key, entry) in &raw.entries {
        let RawEntry::Tensor(tensor) = entry else { continue };
        if tensor.is_meta() {
            continue;
        }
        let entry = state.get(key).unwrap();
        match reference(tensor) {
            Some(expected_tensor) => {
                assert_same(entry.read().unwrap().as_candle(), &expected_tensor, &format!("{at}: {key}"));
                expected.push((key, expected_tensor));
            }
            None => assert!(entry.read().unwrap_err().to_string().contains("candle has no dtype"), "{at}: {key}"),
        }
    }
    let all = state.filter(|key| expected.iter().any(|(other, _)| *other == key));
    if !all.is_empty() {
        let all = all.map_location("cpu").unwrap().tensors();
        // The unreadable entries of other dtypes are errors of the whole.
        if let Ok(all) = all {
            for (key, tensor) in &expected {
                assert_same(&all[*key], tensor, &format!("{at}: {key} with all others"));
            }
        }
    }
    expected.len()
}

#[test]
fn every_fixture_is_read_as_plainly() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    let (mut files, mut tensors) = (0, 0);
    for path in paths.iter().filter(|path| !path.starts_with(root.join("broken"))) {
        let Ok(checkpoint) = Checkpoint::open(path) else { continue };
        let Ok(raw) = checkpoint.raw_state_dict() else { continue };
        let at = path.display().to_string();
        tensors += compare(&checkpoint, &raw, &at);
        files += 1;
        let bytes = fs::read(path).unwrap();
        for checkpoint in [Checkpoint::from_bytes(bytes.clone()), Checkpoint::from_reader(Cursor::new(bytes))] {
            // Distributed checkpoints and indices are more than one file.
            let Ok(checkpoint) = checkpoint else { continue };
            compare(&checkpoint, &checkpoint.raw_state_dict().unwrap(), &at);
        }
    }
    assert!(files >= 90 && tensors >= 3000, "{files} files, {tensors} tensors");
}
