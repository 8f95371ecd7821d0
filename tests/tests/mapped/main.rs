//! `Checkpoint::map` with the allocator installed: what it loads is what plain loading gives, and behaves like it.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first difference")]

use std::alloc::System;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model_runtime::memory::{self, Mapped, MappedAlloc};
use model_runtime::prelude::*;

mod converted;
#[path = "../corpus/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod corpus;
mod endianness;
mod fixtures;
mod hostile;
mod layouts;
mod life;
mod orders;
mod threads;

#[global_allocator]
static ALLOC: MappedAlloc<System> = MappedAlloc::new(System);

/// One test at a time: what is mapped is counted for the whole process. It is dropped last, and finds that all is gone.
struct Turn(#[expect(dead_code, reason = "held")] MutexGuard<'static, ()>);

impl Turn {
    fn take() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(memory::can_map(), "the allocator is installed");
        assert_eq!(memory::mapped(), Mapped::default(), "another test left something");
        Self(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(memory::mapped(), Mapped::default(), "something is still mapped");
        }
    }
}

/// Opens a file that nobody changes while the test runs.
fn map(path: &Path) -> model_runtime::checkpoint::Result<Checkpoint> {
    // SAFETY: the tests replace files by renaming, or not at all.
    unsafe { Checkpoint::map(path) }
}

fn state(path: &Path) -> StateDict {
    map(path).unwrap().state_dict().unwrap()
}

/// A model with a large layer, a small one and one that is not aligned to anything.
#[derive(Module, Clone, Debug)]
struct Net<D: Device> {
    fc1: Linear<D>,
    norm: BatchNorm2d<D>,
    fc2: Linear<D>,
}

impl Net<Meta> {
    fn new() -> Self {
        Self { fc1: Linear::new(100, 80), norm: BatchNorm2d::new(64), fc2: Linear::new(80, 30) }
    }

    /// A file with random weights.
    fn file(folder: &Path, name: &str, seed: u64) -> PathBuf {
        let path = folder.join(name);
        Self::new().init_seeded(Cpu, seed).unwrap().state_dict().unwrap().save(&path).unwrap();
        path
    }
}

/// Dtype, shape and bytes.
type Contents = (DType, Vec<usize>, Vec<u8>);

fn contents(tensor: &candle_core::Tensor) -> Contents {
    let mut bytes = Vec::new();
    tensor.detach().write_bytes(&mut bytes).unwrap();
    (tensor.dtype(), tensor.dims().to_vec(), bytes)
}

/// Dtype, shape and bytes of every tensor of a model, by key.
fn all(net: &Net<Cpu>) -> Vec<(String, Contents)> {
    let tensors = net.state_dict().unwrap().tensors().unwrap();
    tensors.iter().map(|(key, tensor)| (key.clone(), contents(tensor))).collect()
}
