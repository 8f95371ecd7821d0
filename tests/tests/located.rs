//! `StateDict::map_location` and `tensors`: a state dict without a model, as `torch.load` gives it.

use std::path::{Path, PathBuf};

use model_runtime::checkpoint::MapLocation;
use model_runtime::prelude::*;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// `a`, `a_view = a[1]` and `a_t = a.t()` share a storage on `cuda:0`; `c` has its own on `cuda:1`.
fn state() -> StateDict {
    Checkpoint::open(fixture("pytorch/cuda0_cuda1.pt")).unwrap().state_dict().unwrap()
}

#[test]
fn a_device_for_all_reads_all_there() {
    let state = state().map_location("cpu").unwrap();
    assert!(state.iter().all(|(_, entry)| entry.location() == "cpu"));
    let tensors = state.tensors().unwrap();
    assert_eq!(tensors.keys().collect::<Vec<_>>(), ["a", "a_view", "a_t", "c"]);
    let rows = tensors["a"].to_vec2::<f32>().unwrap();
    assert_eq!(tensors["a_view"].to_vec1::<f32>().unwrap(), rows[1]);
    assert_eq!(tensors["a_t"].t().unwrap().to_vec2::<f32>().unwrap(), rows);
}

#[test]
fn a_map_is_matched_exactly_and_the_rest_goes_back_to_where_it_was() {
    let partial = state().map_location(MapLocation::from([("cuda:0", "cpu")]));
    // `cuda:1` is not in the map, and one storage that has no place fails all, as in PyTorch.
    #[cfg(not(feature = "cuda"))]
    assert!(partial.unwrap_err().to_string().contains("`cuda:1` is not available"));
    #[cfg(feature = "cuda")]
    drop(partial);

    let both = state().map_location(MapLocation::from([("cuda:0", "cpu"), ("cuda:1", "meta")])).unwrap();
    let locations: Vec<_> = both.iter().map(|(_, entry)| entry.location()).collect();
    assert_eq!(locations, ["cpu", "cpu", "cpu", "meta"]);
    let error = both.tensors().unwrap_err().to_string();
    assert!(error.starts_with("c: "), "{error}");
}

#[cfg(not(feature = "cuda"))]
#[test]
fn without_a_map_the_saved_device_must_be_there() {
    let error = state().map_location(MapLocation::Saved).unwrap_err().to_string();
    assert!(error.contains("`cuda:0` is not available"), "{error}");
    let error = state().tensors().unwrap_err().to_string();
    assert!(error.contains("`cuda:0` is not available"), "{error}");
}

#[test]
fn tied_names_of_a_file_share_a_tensor() {
    let state = Checkpoint::open(fixture("checkpoints/tied.pt")).unwrap().state_dict().unwrap();
    let keys: Vec<_> = state.keys().collect();
    let same = |a: &str, b: &str| state.get(a).unwrap().storage_id() == state.get(b).unwrap().storage_id();
    let (a, b) = keys
        .iter()
        .flat_map(|a| keys.iter().map(move |b| (*a, *b)))
        .find(|(a, b)| a != b && same(a, b))
        .expect("the fixture has a tie");
    let tensors = state.map_location("cpu").unwrap().tensors().unwrap();
    assert_eq!(tensors[a].id(), tensors[b].id());
}

#[test]
fn a_dtype_that_candle_lacks_is_named_with_its_key() {
    let state = Checkpoint::open(fixture("checkpoints/dtypes.pt")).unwrap().state_dict().unwrap();
    let error = state.map_location("cpu").unwrap().tensors().unwrap_err().to_string();
    assert!(error.contains("candle has no dtype for `int8`"), "{error}");
    for (key, entry) in state.iter() {
        match entry.dtype().name() {
            "int8" | "complex64" | "complex128" => assert!(entry.read().is_err(), "{key}"),
            _ => assert_eq!(entry.read().unwrap().dims(), entry.shape(), "{key}"),
        }
    }
}

// The rows of PyTorch's table of `map_location`, one sentence each; `map_location.rs` compares all forms with torch.

fn open(name: &str) -> StateDict {
    Checkpoint::open(fixture("pytorch").join(name)).unwrap().state_dict().unwrap()
}

/// Where each tensor went, or what is wrong.
fn mapped(name: &str, map_location: impl Into<MapLocation>) -> std::result::Result<Vec<String>, String> {
    let mapped = open(name).map_location(map_location).map_err(|error| error.to_string())?;
    Ok(mapped.iter().map(|(_, entry)| entry.location()).collect())
}

#[test]
fn every_way_to_say_cpu_loads_a_cuda_file_on_the_cpu_and_keeps_sharing() {
    for map in [MapLocation::from("cpu"), [("cuda:0", "cpu")].into(), MapLocation::with(|_, _| Some("cpu".to_owned()))]
    {
        for file in ["cuda0.pt", "cuda0_legacy.pt"] {
            assert_eq!(mapped(file, map.clone()).unwrap(), ["cpu"; 4]);
            let state = open(file).map_location(map.clone()).unwrap();
            let storage = |key: &str| state.get(key).unwrap().storage_id();
            assert!(storage("a") == storage("a_view") && storage("a") == storage("a_t"));
            assert!(storage("a") != storage("c"));
        }
    }
}

#[cfg(not(feature = "cuda"))]
#[test]
fn whatever_leaves_a_storage_on_an_absent_device_is_an_error_that_says_what_to_write() {
    for (map, tag) in [
        (MapLocation::Saved, "cuda:0"),
        (MapLocation::Map([].into()), "cuda:0"),
        ([("cuda:1", "cpu")].into(), "cuda:0"),
        ([("cuda", "cpu")].into(), "cuda:0"),
        (MapLocation::with(|_, _| None), "cuda:0"),
        ("cuda".into(), "cuda"),
        ("cuda:5".into(), "cuda:5"),
        ([("cuda:0", "cuda:9")].into(), "cuda:9"),
    ] {
        let error = mapped("cuda0.pt", map).unwrap_err();
        assert!(error.contains(&format!("storage `0`: cannot restore it to `{tag}`: ")), "{error}");
        assert!(error.contains("is not available"), "{error}");
        assert!(error.ends_with(r#"or `MapLocation::from([("cuda:0", "cpu")])` for this device alone"#), "{error}");
    }
}

#[test]
fn meta_takes_every_storage_and_keeps_no_data() {
    assert_eq!(mapped("cuda0.pt", "meta").unwrap(), ["meta"; 4]);
    assert!(open("cuda0.pt").map_location("meta").unwrap().tensors().is_err());
}

#[test]
fn a_map_of_both_devices_sends_each_storage_its_own_way() {
    let map = [("cuda:0", "cpu"), ("cuda:1", "meta")];
    assert_eq!(mapped("cuda0_cuda1.pt", map).unwrap(), ["cpu", "cpu", "cpu", "meta"]);
    assert_eq!(mapped("cuda0_cuda1_legacy.pt", map).unwrap(), ["cpu", "cpu", "cpu", "meta"]);
}

#[cfg(not(feature = "cuda"))]
#[test]
fn one_storage_without_a_device_fails_the_whole_load() {
    assert!(mapped("cpu_cuda1.pt", MapLocation::Saved).unwrap_err().contains("`cuda:1`"));
    assert!(mapped("cuda0_cuda1.pt", [("cuda:0", "cpu")]).unwrap_err().contains("`cuda:1`"));
}

#[test]
fn a_storage_saved_as_meta_with_bytes_can_be_mapped_to_the_cpu() {
    let state = open("meta.pt").map_location("cpu").unwrap();
    assert_eq!(state.tensors().unwrap()["c"].to_vec1::<f32>().unwrap(), [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_tag_with_an_index_on_the_cpu_is_refused_as_in_pytorch() {
    for tag in ["cpu:0", "", "bogus", "CUDA:0", "xla:0", "cudaX"] {
        let error = mapped("cpu.pt", tag).unwrap_err();
        assert!(error.contains(&format!("don't know how to restore data location (tagged with {tag})")), "{error}");
    }
}
