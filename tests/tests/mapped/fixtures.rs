//! Every fixture, mapped and read: the same keys, dtypes, shapes and bytes, or the same error.

use std::path::{Path, PathBuf};

use model_runtime::memory;
use model_runtime::prelude::*;

use crate::{Turn, contents, map};

/// All files and folders under the fixtures that could be a checkpoint.
fn paths() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (mut left, mut found) = (vec![root], Vec::new());
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if path.is_dir() {
                left.push(path.clone());
                found.push(path);
            } else if !matches!(ending, "py" | "md" | "txt") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What is in a checkpoint, entry by entry: the contents or the error of each.
fn entries(checkpoint: Result<Checkpoint>) -> Vec<String> {
    let state = match checkpoint.and_then(|checkpoint| checkpoint.state_dict()) {
        Ok(state) => state,
        Err(error) => return vec![error.to_string()],
    };
    let text = |(key, entry): (&str, &model_runtime::state_dict::Entry)| match entry.read() {
        Ok(tensor) => format!("{key}: {:?}", contents(tensor.as_candle())),
        Err(error) => format!("{key}: {error}"),
    };
    let mut found: Vec<String> = state.iter().map(text).collect();
    let all = state.map_location("cpu").and_then(|state| state.tensors());
    found.extend(match all {
        Ok(tensors) => tensors.iter().map(|(key, tensor)| format!("{key}: {:?}", contents(tensor))).collect(),
        Err(error) => vec![error.to_string()],
    });
    found
}

#[test]
fn every_fixture_is_the_same_mapped_and_read() {
    let _turn = Turn::take();
    let (mut files, mut mapped) = (0, 0);
    for path in paths() {
        let read = entries(Checkpoint::open(&path).map_err(Error::from));
        assert_eq!(entries(map(&path).map_err(Error::from)), read, "{}", path.display());
        let Ok(state) = map(&path).map_err(Error::from).and_then(|checkpoint| checkpoint.state_dict()) else {
            continue;
        };
        let Ok(tensors) = state.map_location("cpu").and_then(|state| state.tensors()) else { continue };
        files += 1;
        mapped += memory::mapped().tensors;
        drop(tensors);
    }
    assert!(files >= 200 && mapped >= 1000, "{files} files, {mapped} mapped tensors");
}
