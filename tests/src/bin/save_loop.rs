//! Saves a state dict again and again, all of whose elements are one number; the tests of saving kill it.
//!
//! `save_loop PATH FIRST COUNT` saves COUNT times, with the numbers from FIRST on; `save_loop PATH FIRST COUNT SHARDS` in
//! so many shards, or in 1 to 4 by turns if that is 0.

#![allow(clippy::print_stderr, reason = "what went wrong is what the tests look at")]

use std::process::ExitCode;

use model_runtime::checkpoint::{SaveOptions, Value};
use model_runtime::prelude::*;

/// Elements of all tensors: enough that a save takes several writes.
const ELEMENTS: usize = 240_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let mut number = || arguments.next().and_then(|text| text.parse::<u32>().ok());
    let (first, count, shards) = (number().unwrap_or_default(), number().unwrap_or_default(), number());
    let save = |number| match shards {
        None => save(&path, number),
        Some(0) => save_shards(&path, number, number % 4 + 1),
        Some(shards) => save_shards(&path, number, shards),
    };
    match (first..first.saturating_add(count)).try_for_each(save) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn save(path: &str, number: u32) -> Result<()> {
    let checkpoint = checkpoint(number, 2)?;
    if path.ends_with(".pt") {
        return Ok(checkpoint.save(path)?);
    }
    state(&checkpoint)?.save(path)
}

/// One tensor in each shard.
fn save_shards(path: &str, number: u32, shards: u32) -> Result<()> {
    state(&checkpoint(number, shards)?)?.save_with(path, &SaveOptions::new().max_shard_size(1))
}

fn checkpoint(number: u32, tensors: u32) -> Result<Value> {
    let tensor = |key: u32| {
        let tensor = Tensor::full(number, ELEMENTS / tensors as usize, Cpu)?;
        Ok((format!("tensor {key}"), Value::from(&tensor)))
    };
    Ok(Value::dict((0..tensors).map(tensor).collect::<Result<Vec<_>>>()?))
}

fn state(checkpoint: &Value) -> Result<StateDict> {
    let mut bytes = Vec::new();
    checkpoint.write_torch(&mut bytes, &SaveOptions::new())?;
    Checkpoint::from_bytes(bytes)?.state_dict()
}
