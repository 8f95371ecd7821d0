//! Mapped memory through `Vec`s, with the allocator installed for this crate's own tests. What goes through tensors and
//! files of checkpoints is in the tests package.
#![allow(unsafe_code, reason = "makes promises about files of its own")]

use std::alloc::System;
use std::fs::File;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;

#[global_allocator]
static ALLOC: MappedAlloc<System> = MappedAlloc::new(System);

/// What is mapped is counted for the whole process: one of these tests at a time.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(can_map(), "the allocator is installed");
    assert_eq!(mapped(), Mapped::default(), "an earlier test left something");
    turn
}

/// A file of 64 KiB that counts in `u32`.
fn file() -> File {
    let mut file = tempfile::tempfile().unwrap();
    let numbers: Vec<u8> = (0..16u32 << 10).flat_map(u32::to_le_bytes).collect();
    file.write_all(&numbers).unwrap();
    file
}

fn mapping(file: &File, span: std::ops::Range<u64>) -> Option<Mapping> {
    // SAFETY: the file has no name, and this process does not write to it.
    Mapping::new(file, unsafe { Promise::new() }, span)
}

fn take<T: Copy>(mapping: &mut Mapping, start: u64, len: usize) -> Option<Vec<T>> {
    // SAFETY: these tests take numbers only.
    unsafe { mapping.take(start, len) }
}

fn numbers(range: std::ops::Range<u32>) -> Vec<u32> {
    range.collect()
}

#[test]
fn a_vec_over_a_file_is_a_vec() {
    let (_turn, file) = (alone(), file());
    let mut mapping = mapping(&file, 4096..65536).unwrap();
    let mut first = take::<u32>(&mut mapping, 4096, 1024).unwrap();
    let second = take::<u32>(&mut mapping, 8192, 10).unwrap();
    assert_eq!(mapped(), Mapped { mappings: 1, tensors: 3, bytes: 61440 });
    drop(mapping);
    assert_eq!((first.len(), first.capacity()), (1024, 1024));
    assert_eq!(first, numbers(1024..2048));
    first[1023] = 7;
    first[0] = 8;
    assert_eq!(second, numbers(2048..2058), "and its neighbour on the page before");
    first.truncate(2);
    assert_eq!(first, [8, 1025]);
    assert_eq!(mapped().tensors, 2);
    drop((first, second));
    assert_eq!(mapped(), Mapped::default());
}

#[test]
fn a_vec_that_grows_or_shrinks_moves_to_the_heap() {
    let (_turn, file) = (alone(), file());
    let mut mapping = mapping(&file, 0..65536).unwrap();
    let mut at = |at: u64| take::<u32>(&mut mapping, at * 4096, 1024).unwrap();
    let (mut pushed, mut shrunk, mut reserved, boxed, empty) = (at(0), at(1), at(2), at(3), at(4));
    let (mut spread, text, iterated) = (at(5), at(6), at(7));
    drop(mapping);
    assert_eq!(mapped().tensors, 8);

    pushed.push(1);
    assert_eq!((pushed.len(), pushed[1023], pushed[1024]), (1025, 1023, 1));
    shrunk.truncate(3);
    shrunk.shrink_to_fit();
    assert_eq!((shrunk.as_slice(), shrunk.capacity()), ([1024, 1025, 1026].as_slice(), 3));
    reserved.reserve(100_000);
    assert_eq!(reserved, numbers(2048..3072));
    spread.extend_from_within(..2);
    assert_eq!(spread[1022..], [6142, 6143, 5120, 5121]);
    assert_eq!(mapped().tensors, 4);

    let boxed = boxed.into_boxed_slice();
    assert_eq!(mapped().tensors, 4, "it fits: nothing moves");
    assert_eq!(*boxed, *numbers(3072..4096));
    let mut empty = empty;
    empty.clear();
    empty.shrink_to_fit();
    assert_eq!(mapped().tensors, 3);
    let shared: std::sync::Arc<[u32]> = text.into();
    assert_eq!(*shared, *numbers(6144..7168));
    assert_eq!(iterated.into_iter().rev().take(2).collect::<Vec<_>>(), [8191, 8190]);
    drop(boxed);
    assert_eq!(mapped(), Mapped::default());
}

#[test]
fn bytes_are_handed_out_once_and_only_where_they_can_be() {
    let (_turn, file) = (alone(), file());
    let mut mapping = mapping(&file, 100..60000).unwrap();
    assert!(take::<u32>(&mut mapping, 96, 1).is_none(), "before the span");
    assert!(take::<u32>(&mut mapping, 59_996, 2).is_none(), "behind the span");
    assert!(take::<u32>(&mut mapping, 102, 1).is_none(), "not where a `u32` may be");
    assert!(take::<u32>(&mut mapping, 100, 0).is_none(), "nothing");
    assert!(take::<u32>(&mut mapping, 100, usize::MAX).is_none());
    assert!(take::<u32>(&mut mapping, u64::MAX - 3, 1).is_none());
    assert!(take::<f64>(&mut mapping, 100, 1).is_none(), "not where an `f64` may be");
    let kept = take::<u32>(&mut mapping, 100, 10).unwrap();
    assert!(take::<u32>(&mut mapping, 136, 1).is_none(), "its last element");
    assert!(take::<u8>(&mut mapping, 100, 1).is_none(), "its first byte");
    let next = take::<u8>(&mut mapping, 140, 3).unwrap();
    drop(kept);
    assert!(take::<u32>(&mut mapping, 100, 10).is_none(), "it can have been written to");
    drop(mapping);
    assert_eq!(next, [35, 0, 0]);
    assert_eq!(mapped().tensors, 1);
}

#[test]
fn two_mappings_of_a_file_share_nothing() {
    let (_turn, file) = (alone(), file());
    let first = || take::<u32>(&mut mapping(&file, 0..4096).unwrap(), 0, 1024).unwrap();
    let (mut changed, second) = (first(), first());
    changed.fill(0);
    assert_eq!(second, numbers(0..1024));
    assert_eq!(first(), numbers(0..1024));
    assert_eq!(mapped().mappings, 2);
}

#[test]
fn what_cannot_be_mapped_is_not() {
    let (_turn, file) = (alone(), file());
    assert!(mapping(&file, 0..65537).is_none(), "the file ends before");
    assert!(mapping(&file, 5..5).is_none());
    assert!(mapping(&file, u64::MAX - 1..u64::MAX).is_none());
    let folder = File::open(std::env::temp_dir()).unwrap();
    assert!(mapping(&folder, 0..1).is_none());
    let write_only = File::options().write(true).open("/dev/null").unwrap();
    assert!(mapping(&write_only, 0..1).is_none());
    assert_eq!(mapped(), Mapped::default());
}

#[test]
fn addresses_are_used_again() {
    let (_turn, file) = (alone(), file());
    let mut starts = std::collections::HashSet::new();
    for round in 0..5000u64 {
        let mut mapping = mapping(&file, 0..65536).unwrap();
        let vecs: Vec<Vec<u32>> = (0..4).filter_map(|at| take(&mut mapping, at * 16384, 4096)).collect();
        starts.insert(vecs[0].as_ptr());
        if round % 2 == 0 {
            drop(mapping);
        }
        assert_eq!(vecs[3][0], 12288);
    }
    assert_eq!(starts.len(), 1);
    assert_eq!(mapped(), Mapped::default());
}

/// The lines of this process's memory map that name a file without a name, as these tests make them.
#[cfg(target_os = "linux")]
#[test]
fn the_system_sees_no_mapping_afterwards() {
    let (_turn, file) = (alone(), file());
    let lines = || {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().filter(|line| line.contains("(deleted)")).count()
    };
    let before = lines();
    let mut mapping = mapping(&file, 0..65536).unwrap();
    let middle = take::<u32>(&mut mapping, 20000, 10).unwrap();
    drop(mapping);
    assert_eq!(lines(), before + 1);
    drop(middle);
    assert_eq!(lines(), before);
}

#[test]
fn vecs_are_dropped_on_any_thread() {
    let (_turn, file) = (alone(), file());
    for _ in 0..if cfg!(miri) { 1 } else { 50 } {
        let mut mapping = mapping(&file, 0..65536).unwrap();
        let vecs: Vec<Vec<u32>> = (0..16).filter_map(|at| take(&mut mapping, at * 4096, 1024)).collect();
        std::thread::scope(|scope| {
            for (at, mut vec) in (0u32..).zip(vecs) {
                scope.spawn(move || {
                    vec[1] = 0;
                    assert_eq!((vec[0], vec[2]), (at * 1024, at * 1024 + 2));
                    if at % 2 == 0 {
                        vec.push(at);
                    }
                });
            }
            drop(mapping);
        });
        assert_eq!(mapped(), Mapped::default());
    }
}

#[test]
fn threads_map_and_unmap_at_once() {
    let (_turn, file) = (alone(), file());
    std::thread::scope(|scope| {
        for thread in 0..32u64 {
            let file = &file;
            scope.spawn(move || {
                let mut kept = Vec::new();
                for round in 0..300u64 {
                    let at = (thread * 7 + round * 3) % 15;
                    let mut mapping = mapping(file, at * 4096..65536).unwrap();
                    let mut vec = take::<u32>(&mut mapping, at * 4096, 1024).unwrap();
                    assert_eq!(u64::from(vec[5]), at * 1024 + 5);
                    vec.fill(u32::try_from(thread).unwrap());
                    kept.push(vec);
                    if kept.len() > 5 {
                        let vec = kept.swap_remove(usize::try_from(round % 5).unwrap());
                        assert!(vec.iter().all(|number| u64::from(*number) == thread));
                    }
                }
            });
        }
    });
    assert_eq!(mapped(), Mapped::default());
}
