//! Where the sources of candle and of this workspace are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The sources of a dependency, in the version that the lock file names.
pub(crate) fn candle(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        // What only other systems need was not downloaded.
        .args(["--filter-platform", &host()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("metadata has packages");
    let found: Vec<_> = packages.iter().filter(|package| package["name"] == name).collect();
    assert_eq!(found.len(), 1, "one version of {name}");
    let manifest = Path::new(found[0]["manifest_path"].as_str().expect("a package has a manifest"));
    manifest.parent().expect("a manifest is in a folder").join("src")
}

/// The system that this was built on, as the compiler names it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(output.stdout).expect("rustc prints text");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

/// The sources of the runtime.
pub(crate) fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-runtime/src")
}

/// The modules at the top of a crate.
pub(crate) fn modules(sources: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(sources).expect("sources are readable");
    let names = entries.map(|entry| entry.expect("sources are readable").path());
    let names = names.map(|path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned());
    names.filter(|name| name != "lib").collect()
}

/// All `.rs` files below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("sources are readable").path())
        .collect();
    paths.sort();
    let below = paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}
