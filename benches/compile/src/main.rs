//! Measures what `#[derive(Module)]` costs at compile time: `cargo run --release`, or `cargo run --release -- 9` for nine runs.
//!
//! 1. `cargo check` of 30 structs with 300 fields: with the derive, with serde's two, with none.
//! 2. The lines that the derive generates for them.
//! 3. `cargo check` of a model that is compared with a manifest of 2 000 and of 10 000 keys, and with none.
//! 4. Building a program that uses them on one, two and three devices: time and size of the binary, debug and release.

mod generate;
mod measure;

use std::path::Path;
use std::process::ExitCode;

use generate::{FIELDS, STRUCTS, Traits};
use measure::{Cost, Profile};

/// Runs of each measurement, interleaved, unless the command line says otherwise.
const RUNS: usize = 7;

fn main() -> ExitCode {
    let runs = std::env::args().nth(1).map_or(Ok(RUNS), |runs| runs.parse());
    match runs.map_err(|error| format!("runs: {error}")).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(runs: usize) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/generated");
    generate::workspace(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    lines();
    check(&root, runs)?;
    manifests(&root, runs)?;
    for profile in [Profile::Debug, Profile::Release] {
        devices(&root, profile, runs)?;
    }
    Ok(())
}

/// Lines of the expansion.
fn lines() {
    let (written, expanded) = compile::lines(&generate::structs(Traits::Module));
    let fields = STRUCTS * FIELDS;
    println!("expansion: {written} lines become {expanded}, {:.1} a field", expanded as f64 / fields as f64);
}

/// `cargo check` with each set of derives.
fn check(root: &Path, runs: usize) -> Result<(), String> {
    let crates = ["check-none", "check-module", "check-serde"];
    let costs = measure::interleaved(root, &crates, runs, |name| vec!["check", "-p", name])?;
    println!("\ncargo check of {STRUCTS} structs with {} fields, {runs} runs", STRUCTS * FIELDS);
    print(&crates, &costs);
    let [none, module, serde] = [&costs[0], &costs[1], &costs[2]].map(Cost::median);
    println!("in all, Module / serde's two: {:.2}", module / serde);
    println!("the derives alone (less the structs without any): {:.2}", (module - none) / (serde - none));
    Ok(())
}

/// `cargo check` of a model beside manifests.
fn manifests(root: &Path, runs: usize) -> Result<(), String> {
    let crates = ["manifest-none", "manifest-2000", "manifest-10000"];
    let costs = measure::interleaved(root, &crates, runs, |name| vec!["check", "-p", name])?;
    println!("\ncargo check of a model without a manifest, with one of 2000 and one of 10000 keys, {runs} runs");
    print(&crates, &costs);
    Ok(())
}

/// A program that uses the model on one, two and three devices.
fn devices(root: &Path, profile: Profile, runs: usize) -> Result<(), String> {
    let crates = ["devices-1", "devices-2", "devices-3"];
    let costs = measure::interleaved(root, &crates, runs, |name| {
        let mut arguments = vec!["build", "-p", name];
        arguments.extend(profile.flag());
        arguments
    })?;
    println!("\ncargo build ({}) of a program that uses them on one, two, three devices, {runs} runs", profile.name());
    print(&crates, &costs);
    let sizes = crates.map(|name| measure::size(&root.join("target").join(profile.name()).join(name)));
    let [one, two, three] = sizes;
    let (one, two, three) = (one?, two?, three?);
    let percent = |more: f64, base: f64| (more / base - 1.0) * 100.0;
    let time = costs.iter().map(Cost::median).collect::<Vec<_>>();
    println!("one more device: {:+.1} % time, {:+.1} % size", percent(time[1], time[0]), percent(two, one));
    println!("two more devices: {:+.1} % time, {:+.1} % size", percent(time[2], time[0]), percent(three, one));
    println!("stripped binaries: {one:.0}, {two:.0}, {three:.0} bytes");
    Ok(())
}

fn print(crates: &[&str], costs: &[Cost]) {
    for (name, cost) in crates.iter().zip(costs) {
        println!("{name:>14}: {cost}");
    }
}
