//! `LoadOptions::progress`: it grows, and ends at the end.

use std::sync::{Arc, Mutex};

use model_runtime::{LoadOptions, Progress, prelude::*};

use super::Numbers;
use super::archive::{Records, Storage, View, archive};

#[derive(Module, Debug)]
struct Pair<D: Device> {
    #[module(rename = "0")]
    large: Buffer<D>,
    #[module(rename = "1")]
    transposed: Buffer<D>,
}

fn told(records: Records) -> Vec<Progress> {
    let mut numbers = Numbers(21);
    let storage = |count: usize, numbers: &mut Numbers| Storage {
        class: "FloatStorage",
        itemsize: 4,
        bytes: numbers.bytes(4 * count),
    };
    let storages = [storage(6_000_000, &mut numbers), storage(300 * 400, &mut numbers)];
    let views = [
        View { storage: 0, offset: 0, shape: vec![6_000_000], strides: vec![1] },
        View { storage: 1, offset: 0, shape: vec![400, 300], strides: vec![1, 400] },
    ];
    let state = Checkpoint::from_bytes(archive(&storages, &views, records)).unwrap().state_dict().unwrap();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let options = LoadOptions::new().progress(move |progress| seen.lock().unwrap().push(progress));
    let model = Pair { large: Buffer::new(6_000_000, init::ZERO), transposed: Buffer::new((400, 300), init::ZERO) };
    let (_, report) = model.load_state_dict_with(&state, Cpu, &options).unwrap();
    assert_eq!(report.loaded, 2);
    let calls = calls.lock().unwrap();
    calls.clone()
}

#[test]
fn progress_grows_and_ends_at_the_total() {
    for records in Records::ALL {
        let calls = told(records);
        let total = 4 * 6_000_000 + 4 * 300 * 400;
        assert!(calls.iter().all(|call| (call.bytes_total, call.tensors) == (total, 2)), "{calls:?}");
        assert!(calls.windows(2).all(|pair| pair[0].bytes_done < pair[1].bytes_done), "{records:?}: {calls:?}");
        assert_eq!(calls.last().map(|call| call.bytes_done), Some(total));
        assert!(calls.len() >= 2, "{calls:?}");
    }
}

#[test]
fn a_load_that_fails_does_not_end() {
    let storage = Storage { class: "FloatStorage", itemsize: 4, bytes: vec![0; 8] };
    let view = View { storage: 0, offset: 0, shape: vec![2], strides: vec![1] };
    let mut file = archive(&[storage], &[view], Records::Checked);
    let data = file.windows(8).position(|window| window == b"a/data/0").unwrap() + 8;
    file[data] ^= 1;
    let state = Checkpoint::from_bytes(file).unwrap().state_dict().unwrap();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let options = LoadOptions::new().strict(false).progress(move |progress| seen.lock().unwrap().push(progress));
    #[derive(Module, Debug)]
    struct One<D: Device> {
        #[module(rename = "0")]
        one: Buffer<D>,
    }
    let model = One { one: Buffer::new(2, init::ZERO) };
    assert!(model.load_state_dict_with(&state, Cpu, &options).unwrap_err().to_string().contains("checksum"));
    assert!(calls.lock().unwrap().iter().all(|call| call.bytes_done < call.bytes_total));
}

/// The threads that read all entries as buffers.
fn readers(state: &StateDict) -> Vec<std::thread::ThreadId> {
    type Net<D> = std::collections::BTreeMap<String, Buffer<D>>;
    let entries = state.iter();
    let declared = |(key, entry): (&str, &model_runtime::state_dict::Entry)| {
        (key.to_owned(), Buffer::new(entry.shape(), init::ZERO))
    };
    let net: Net<Meta> = entries.map(declared).collect();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let options = LoadOptions::new().keep_dtype().progress(move |progress| {
        if progress.bytes_done < progress.bytes_total {
            seen.lock().unwrap().push(std::thread::current().id());
        }
    });
    let (_, report) = net.load_state_dict_with(state, Cpu, &options).unwrap();
    assert_eq!(report.loaded, 3);
    let calls = calls.lock().unwrap();
    calls.clone()
}

#[test]
fn storages_of_every_kind_are_read_by_other_threads_than_the_caller() {
    let me = std::thread::current().id();
    let mut numbers = Numbers(22);
    let storages = [0, 1, 2].map(|_| Storage { class: "FloatStorage", itemsize: 4, bytes: numbers.bytes(4 * 120_000) });
    let view =
        |storage, strides: &[usize]| View { storage, offset: 0, shape: vec![300, 400], strides: strides.to_vec() };
    for (kind, strides) in [("transposed", [1, 300]), ("expanded", [0, 1])] {
        let views = [0, 1, 2].map(|storage| view(storage, &strides));
        for records in Records::ALL {
            let state = Checkpoint::from_bytes(archive(&storages, &views, records)).unwrap().state_dict().unwrap();
            let readers = readers(&state);
            assert!(!readers.is_empty() && !readers.contains(&me), "{kind}, {records:?}: {readers:?}");
        }
    }
    // `int8`, which candle lacks.
    let bytes = Storage { class: "CharStorage", itemsize: 1, bytes: numbers.bytes(120_000) };
    let views = [0, 1, 2].map(|storage| view(storage, &[400, 1]));
    let narrow = archive(&[0, 1, 2].map(|_| bytes.clone()), &views, Records::Checked);
    let readers = readers(&Checkpoint::from_bytes(narrow).unwrap().state_dict().unwrap().widen().unwrap());
    assert!(!readers.is_empty() && !readers.contains(&me), "widened: {readers:?}");
}
