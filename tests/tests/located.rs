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
