//! Saves a state dict again and again, all of whose elements are one number; the tests of saving kill it.
//!
//! `save_loop PATH FIRST COUNT` saves COUNT times, with the numbers from FIRST on.

#![allow(clippy::print_stderr, reason = "what went wrong is what the tests look at")]

use std::process::ExitCode;

use model_runtime::checkpoint::Value;
use model_runtime::prelude::*;

/// Elements of each tensor: enough that a save takes several writes.
const ELEMENTS: usize = 100_000;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_default();
    let mut number = || arguments.next().and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
    let (first, count) = (number(), number());
    match (first..first.saturating_add(count)).try_for_each(|number| save(&path, number)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn save(path: &str, number: u32) -> Result<()> {
    let tensor = || Tensor::full(number, ELEMENTS, Cpu);
    let checkpoint = Value::dict([("a", Value::from(&tensor()?)), ("b", Value::from(&tensor()?))]);
    if path.ends_with(".pt") {
        return Ok(checkpoint.save(path)?);
    }
    let mut bytes = Vec::new();
    checkpoint.write_torch(&mut bytes, &model_runtime::checkpoint::SaveOptions::new())?;
    Checkpoint::from_bytes(bytes)?.state_dict()?.save(path)
}
