//! Crafted files, mapped: the same verdict and bytes as by the other ways, and no file kills the program.

use std::path::Path;

use model_runtime::checkpoint::{CheckpointError, RawEntry};
use model_runtime::prelude::*;

use crate::corpus::{self, Case, Verdict};
use crate::{Net, Turn, contents, map, state};

/// What the file holds, or what is wrong; every tensor that candle has a dtype for is also loaded.
fn told(checkpoint: std::result::Result<Checkpoint, CheckpointError>) -> String {
    let found = checkpoint.and_then(|checkpoint| {
        let raw = checkpoint.raw_state_dict()?;
        // Before anything is read: what is loaded must not depend on what was checked.
        let state = checkpoint.state_dict().map_err(|error| format!("{error}"));
        let tensors = state.and_then(|state| {
            state.map_location("cpu").and_then(|state| state.tensors()).map_err(|error| error.to_string())
        });
        // Without the name of the file.
        let debug = format!("{checkpoint:?}");
        let mut text = format!("{} {}\n", debug.split_once("format").unwrap_or_default().1, checkpoint.root());
        let mut storages = Vec::new();
        for (key, entry) in &raw.entries {
            let RawEntry::Tensor(tensor) = entry else {
                text.push_str(&format!("{key}: {entry:?}\n"));
                continue;
            };
            let bytes = tensor.read_bytes()?;
            text.push_str(&format!("{key}: {} {bytes:?}\n", numbered(&format!("{tensor:?}"), &mut storages)));
            if let Ok(tensors) = &tensors {
                assert_eq!(contents(&tensors[key]).2, bytes, "{key}");
            }
        }
        checkpoint.verify()?;
        Ok(text)
    });
    match found {
        Ok(text) => text,
        Err(error) => format!("{:?} {error}", error.kind()),
    }
}

/// The description of a tensor with its storage's place among those before, not its id: that of one which is made on the
/// way, as of a negated view, is another each time.
fn numbered(tensor: &str, storages: &mut Vec<String>) -> String {
    let (before, rest) = tensor.split_once("storage: ").unwrap();
    let (id, after) = rest.split_once(',').unwrap();
    let place = storages.iter().position(|other| other == id).unwrap_or_else(|| {
        storages.push(id.to_owned());
        storages.len() - 1
    });
    format!("{before}storage: {place},{after}")
}

fn compare(path: &Path, case: &Case) {
    let told_mapped = told(map(path));
    assert_eq!(told_mapped, told(Checkpoint::open(path)), "{}", case.name);
    let (Verdict::Refused(text) | Verdict::Read(text) | Verdict::Negated(text) | Verdict::Unreadable(text)) =
        case.verdict;
    assert!(told_mapped.contains(text), "{}: {text} is not in\n{told_mapped}", case.name);
}

#[test]
fn every_crafted_file_has_the_same_verdict_mapped() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let cases = corpus::all();
    assert!(cases.len() >= 300, "{} files", cases.len());
    for (number, case) in cases.iter().enumerate().filter(|(_, case)| !case.name.contains("in memory")) {
        // A name of its own: nobody writes to a file that is mapped.
        let path = folder.path().join(format!("{number}.pt"));
        std::fs::write(&path, &case.bytes).unwrap();
        compare(&path, case);
        std::fs::remove_file(&path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn every_crafted_folder_has_the_same_verdict_mapped() {
    let _turn = Turn::take();
    for case in corpus::folders::all() {
        let folder = tempfile::tempdir().unwrap();
        let open = (case.open, &case.case.bytes);
        for (name, bytes) in case.files.iter().map(|(name, bytes)| (*name, bytes)).chain([open]) {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        for (name, target) in &case.links {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        }
        compare(&folder.path().join(case.open), &case.case);
    }
}

#[test]
fn a_file_that_was_shortened_before_the_load_is_an_error() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    for name in ["net.pt", "net.safetensors"] {
        let path = Net::file(folder.path(), name, 1);
        let state = state(&path);
        let len = std::fs::metadata(&path).unwrap().len();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(len / 2).unwrap();
        let error = Net::new().load_state_dict(&state, Cpu).unwrap_err().to_string();
        assert!(error.contains("the file became shorter while it was open"), "{error}");
    }
}
