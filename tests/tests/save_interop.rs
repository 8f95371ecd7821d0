//! Real PyTorch and the reference library of safetensors read what is saved, where Python has them.
//!
//! `TORCH_PYTHON` names the interpreters, with `:` between them; without it, `python3` is asked. Where none has torch, the
//! tests say so on stderr and pass: the files that PyTorch wrote, which are compared byte for byte, cover that.

mod round_trip;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use model_runtime::checkpoint::{Checkpoint, SaveOptions, convert};

/// The interpreters that can import all of these.
fn pythons(modules: &str) -> Vec<String> {
    let named = std::env::var("TORCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = |python: &&str| {
        let output = Command::new(python).args(["-c", &format!("import {modules}")]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found: Vec<_> = named.split(':').filter(has).map(str::to_owned).collect();
    if found.is_empty() {
        // Not through the test harness, which hides what a passing test prints.
        writeln!(io::stderr(), "SKIPPED: no Python with {modules} (`TORCH_PYTHON` names one)").expect("an open stderr");
    }
    found
}

fn run(python: &str, script: &str, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
    let output = Command::new(python).arg(script).arg(folder).output().expect("Python runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{python}: {out}\n{err}");
}

#[test]
fn pytorch_reads_what_is_saved_as_it_reads_the_original() {
    let pythons = pythons("torch");
    if pythons.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut pairs = Vec::new();
    for (number, path) in round_trip::files(&["checkpoints", "wild", "saving", "tensors"]).into_iter().enumerate() {
        let checkpoint = Checkpoint::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let copy = folder.path().join(format!("{number}.pt"));
        if !round_trip::holds_unreadable(checkpoint.root()) && path.extension().is_some_and(|end| end != "safetensors")
        {
            checkpoint.convert(&copy, &SaveOptions::new()).unwrap_or_else(|error| panic!("{error}"));
            pairs.push(format!("{}\t{}", path.display(), copy.display()));
        }
    }
    let extra = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/state_dict/extra_state_dict.pt");
    let again = folder.path().join("extra_state.pt");
    let state = Checkpoint::open(&extra).expect("a fixture").state_dict().expect("a state dict");
    state.save(&again).expect("a file");
    pairs.push(format!("{}\t{}", extra.display(), again.display()));
    fs::write(folder.path().join("pairs"), pairs.join("\n")).expect("a list");
    for python in pythons {
        run(&python, "torch_reads.py", folder.path());
    }
}

#[test]
fn the_reference_library_reads_what_is_saved_as_safetensors() {
    let pythons = pythons("torch, safetensors.torch");
    if pythons.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checkpoints");
    for name in
        ["net_state_dict", "bool_bytes", "tied", "views", "dtypes_v3", "safetensors_dtypes", "safetensors_empty"]
    {
        let original = fixtures.join(format!("{name}.pt"));
        let original = if original.exists() { original } else { original.with_extension("safetensors") };
        convert(&original, folder.path().join(format!("{name}.safetensors")), &SaveOptions::new())
            .unwrap_or_else(|error| panic!("{error}"));
        fs::copy(&original, folder.path().join(format!("{name}.original"))).expect("a copy");
    }
    let sharded = SaveOptions::new().max_shard_size(100);
    convert(fixtures.join("net_state_dict.pt"), folder.path().join("sharded.safetensors"), &sharded).expect("shards");
    for python in pythons {
        run(&python, "safetensors_reads.py", folder.path());
    }
}
