//! `OpenOptions::default_endianness` of mapped files: as PyTorch reads them, and mapped only in the machine's own order.

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Checkpoint, Endianness, OpenOptions};
use model_runtime::memory;
use serde_json::Value as Json;

use crate::{Net, Turn, contents};

fn map_with(path: &Path, endianness: Option<Endianness>) -> Checkpoint {
    let options = endianness.into_iter().fold(OpenOptions::new(), OpenOptions::default_endianness);
    // SAFETY: the tests replace files by renaming, or not at all.
    unsafe { Checkpoint::map_with(path, &options) }.unwrap_or_else(|error| panic!("{error}"))
}

/// The setting of PyTorch's table.
fn endianness(setting: &str) -> Option<Endianness> {
    match setting {
        "none" => None,
        "native" => Some(Endianness::Native),
        "little" => Some(Endianness::Little),
        "big" => Some(Endianness::Big),
        other => panic!("{other}"),
    }
}

#[test]
fn every_default_endianness_maps_every_archive_as_pytorch_reads_it() {
    let _turn = Turn::take();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch").join(name);
    let table = fs::read_to_string(fixture("endianness.json")).unwrap();
    let table: serde_json::Map<String, Json> = serde_json::from_str(&table).unwrap();
    for (file, settings) in &table {
        for (setting, expected) in settings.as_object().unwrap() {
            if setting == "native" && cfg!(target_endian = "big") {
                // The table is of a little-endian machine.
                continue;
            }
            let file = map_with(&fixture(file), endianness(setting));
            for (key, value) in file.root().as_dict().unwrap().iter() {
                let bytes = value.as_tensor().unwrap().read_bytes().unwrap();
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(expected[key.as_str().unwrap()], hex, "{file:?}, {setting}, {key}");
            }
        }
    }
}

/// A large file that does not say its byte order: the record of it has another name.
fn unmarked(folder: &Path) -> PathBuf {
    let mut bytes = fs::read(Net::file(folder, "marked.pt", 1)).unwrap();
    let name = b"/byteorder";
    let places: Vec<_> = (0..bytes.len() - name.len()).filter(|at| bytes[*at..].starts_with(name)).collect();
    assert_eq!(places.len(), 2, "a header and the directory");
    places.iter().for_each(|at| bytes[at + name.len() - 1] = b'x');
    let path = folder.join("unmarked.pt");
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_file_without_a_byte_order_is_mapped_in_the_machines_own_and_copied_in_the_other() {
    let turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = unmarked(folder.path());
    for (endianness, is_mapped) in [
        (None, cfg!(target_endian = "little")),
        (Some(Endianness::Native), true),
        (Some(Endianness::Little), cfg!(target_endian = "little")),
        (Some(Endianness::Big), cfg!(target_endian = "big")),
    ] {
        let options = endianness.into_iter().fold(OpenOptions::new(), OpenOptions::default_endianness);
        let plain = Checkpoint::open_with(&path, &options).unwrap().state_dict().unwrap().tensors().unwrap();
        let mapped = map_with(&path, endianness).state_dict().unwrap().tensors().unwrap();
        assert_eq!(memory::mapped() != memory::Mapped::default(), is_mapped, "{endianness:?}");
        let both = |key: &str| (contents(&mapped[key]), contents(&plain[key]));
        let (mapped, plain) = both("fc1.weight");
        assert!(mapped == plain, "{endianness:?}");
    }
    let weight = |endianness| {
        let state = map_with(&path, endianness).state_dict().unwrap();
        contents(&state.get("fc1.weight").unwrap().read().unwrap().into_candle()).2
    };
    let (little, mut big) = (weight(Some(Endianness::Little)), weight(Some(Endianness::Big)));
    big.as_chunks_mut::<4>().0.iter_mut().for_each(|number| number.reverse());
    assert!(little == big, "each number is swapped by itself");
    drop(turn);
}
