//! Loads and drops on many threads at once.

use std::sync::mpsc;

use model_runtime::memory;
use model_runtime::prelude::*;

use crate::{Net, Turn, all, state};

#[test]
fn models_are_dropped_on_other_threads() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let path = Net::file(folder.path(), "net.pt", 9);
    let tensors = state(&path).tensors().unwrap();
    let expected = all(&Net::new().init_seeded(Cpu, 9).unwrap());
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let net: Net<Cpu> = receive.recv().unwrap();
            assert_eq!(all(&net), expected);
        });
        send.send(Net::new().load_state_dict(&state(&path), Cpu).unwrap()).unwrap();
        for (_, tensor) in tensors {
            scope.spawn(move || drop(tensor));
        }
    });
    assert_eq!(memory::mapped().mappings, 0);
}

#[test]
fn concurrent_loads_see_the_same_and_share_nothing() {
    let _turn = Turn::take();
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..3).map(|seed| Net::file(folder.path(), &format!("{seed}.pt"), seed)).collect();
    let expected: Vec<_> = (0..3).map(|seed| all(&Net::new().init_seeded(Cpu, seed).unwrap())).collect();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (paths, expected) = (&paths, &expected);
            scope.spawn(move || {
                let mut kept = Vec::new();
                for round in 0..10 {
                    let which = (thread + round) % paths.len();
                    let net = Net::new().load_state_dict(&state(&paths[which]), Cpu).unwrap();
                    assert_eq!(all(&net), expected[which]);
                    net.fc1.weight.zero_set().unwrap();
                    kept.push(net);
                    if round % 3 == 2 {
                        kept.remove(round % kept.len());
                    }
                }
                let zero = |net: &Net<Cpu>| net.fc1.weight.abs()?.sum_all()?.to_scalar::<f32>();
                assert!(kept.iter().all(|net| zero(net).unwrap() == 0.0));
            });
        }
    });
}
