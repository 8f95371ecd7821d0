//! Compares every form of `map_location` with PyTorch's table of what it does, made on a machine without a GPU.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{Location, MapLocation, Value};
use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    file: String,
    tags: Vec<String>,
    map_location: Form,
    devices: Option<Vec<String>>,
    error: Option<Error>,
}

#[derive(Deserialize)]
struct Form {
    kind: String,
    #[serde(default)]
    value: Json,
}

#[derive(Deserialize)]
struct Error {
    message: String,
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pytorch"))
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("map_location.json")).unwrap();
    let table: Table = serde_json::from_str(&text).unwrap();
    assert!(table.cases.len() > 300);
    table.cases
}

/// The form as it is written here; `None` for those that Rust's types do not let anybody write.
fn form(form: &Form) -> Option<MapLocation> {
    let text = form.value.as_str().unwrap_or_default();
    match (form.kind.as_str(), text) {
        ("none", _) => Some(MapLocation::Saved),
        ("str" | "device", device) => Some(device.into()),
        ("dict", _) => Some(serde_json::from_value::<HashMap<String, String>>(form.value.clone()).unwrap().into()),
        // PyTorch hands over a storage on the CPU: to return it is to leave it there.
        ("function", "storage") => Some(MapLocation::with(|_, _| Some("cpu".into()))),
        ("function", "none") => Some(MapLocation::with(|_, _| None)),
        ("function", "storage if cuda:0 else none") => {
            Some(MapLocation::with(|_, tag| (tag == "cuda:0").then(|| "cpu".into())))
        }
        ("function" | "invalid", _) => None,
        other => panic!("unknown form {other:?}"),
    }
}

#[test]
fn every_form_sends_every_storage_where_pytorch_sends_it() {
    let mut compared = BTreeSet::new();
    for case in cases() {
        let Some(map) = form(&case.map_location) else { continue };
        let checkpoint = Checkpoint::open(folder().join(&case.file)).unwrap();
        let tags: Vec<&str> = checkpoint.storages().iter().map(|storage| storage.location()).collect();
        assert_eq!(tags, case.tags);
        let what = format!("{} {map:?}", case.file);
        let results: Vec<_> = checkpoint.storages().iter().map(|storage| map.resolve(storage)).collect();
        match (case.devices, case.error) {
            (Some(devices), _) => {
                let got: Vec<String> = results.into_iter().map(|result| result.unwrap().to_string()).collect();
                assert_eq!(got, devices, "{what}");
            }
            (None, Some(error)) => compare_error(&error.message, results, &what),
            (None, None) => panic!("{what}: neither devices nor an error"),
        }
        compared.insert(case.map_location.kind);
    }
    assert_eq!(compared.into_iter().collect::<Vec<_>>(), ["device", "dict", "function", "none", "str"]);
}

/// Whether a device is there is checked when something is put on it; tags that name none are refused here.
fn compare_error(torch: &str, results: Vec<model_runtime::checkpoint::Result<Location>>, what: &str) {
    let elsewhere = |location: &Location| matches!(location, Location::Cuda(_) | Location::Mps);
    let first = results.into_iter().find(|result| result.as_ref().map_or(true, elsewhere)).unwrap();
    match first {
        Ok(Location::Cuda(_)) => assert!(torch.contains("on a CUDA device"), "{what}: {torch}"),
        Ok(_) => assert!(torch.contains("not recognized: mps"), "{what}: {torch}"),
        Err(error) => {
            let error = error.to_string();
            let tag = torch.split("tagged with ").nth(1);
            let expected = match tag {
                Some(tag) => format!("don't know how to restore data location (tagged with {tag}"),
                None if torch.contains("XPU") => "there are no xpu devices here".to_owned(),
                None => torch.replace("Invalid device string", "invalid device string"),
            };
            assert!(error.contains(&expected), "{what}: {error}, expected: {expected}");
        }
    }
}

#[test]
fn a_function_is_called_once_for_each_storage_and_sharing_survives() {
    let checkpoint = Checkpoint::open(folder().join("cuda0_cuda1.pt")).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let map = MapLocation::with(move |storage, tag| {
        counter.fetch_add(storage.nbytes(), Ordering::Relaxed);
        Some(tag.replace("cuda:1", "cpu"))
    });
    let places: Vec<_> = checkpoint.storages().iter().map(|storage| map.resolve(storage).unwrap()).collect();
    assert_eq!(places, [Location::Cuda(Some(0)), Location::Cpu]);
    assert_eq!(calls.load(Ordering::Relaxed), 24 + 16);
    let storage = |key: &str| checkpoint.root().get(key).and_then(Value::as_tensor).unwrap().storage().id();
    assert_eq!(["a", "a_view", "a_t", "c"].map(storage), [0, 0, 0, 1]);
}

#[test]
fn a_model_in_memory_is_mapped_for_the_file_that_it_is_saved_to() {
    use model_runtime::prelude::*;
    let state = Linear::new(2, 3).init(Cpu).and_then(|model| model.state_dict()).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let map = MapLocation::with(move |storage, tag| {
        count.fetch_add(storage.nbytes(), Ordering::Relaxed);
        (tag == "cpu").then(|| "meta".into())
    });
    let mapped = state.map_location(map).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 24 + 12, "each storage is asked about once");
    assert!(mapped.iter().all(|(_, entry)| entry.location() == "meta"));
    assert!(state.map_location("cpu:0").unwrap_err().to_string().contains("cpu:0"));
    let (folder, mapped) = (tempfile::tempdir().unwrap(), state.map_location("cpu").unwrap());
    mapped.save(folder.path().join("cpu.pt")).unwrap();
    let saved = Checkpoint::open(folder.path().join("cpu.pt")).unwrap();
    assert!(saved.storages().iter().all(|storage| storage.location() == "cpu"));
}
