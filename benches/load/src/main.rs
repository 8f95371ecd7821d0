//! Measures loading, saving and opening of checkpoints beside the other systems: `cargo run --release -- --quick`.
//!
//! Every measurement is a process of its own, this program again or a Python; those of one contest take turns, round by
//! round, and ratios are taken within a round.

mod arguments;
mod child;
mod contender;
mod contest;
mod derived;
mod file;
mod generate;
mod goal;
mod gpt2;
mod logits;
mod machine;
mod peers;
mod plan;
mod process;
mod python;
mod readme;
mod save;
mod spread;
mod table;

use std::alloc::System;
use std::path::Path;
use std::process::ExitCode;

use arguments::{Arguments, USAGE};
use model_runtime::memory::MappedAlloc;
use plan::Plan;
use process::Session;
use python::Python;

/// What lets tensors lie over mapped files. The other loaders run with it too: it costs them a comparison for each block.
#[global_allocator]
static ALLOC: MappedAlloc<System> = MappedAlloc::new(System);

/// What goes wrong ends the program, or leaves out a line of a table.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.split_first() {
        Some((first, rest)) if first == "child" => child(rest),
        Some((first, _)) if first == "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Arguments::parse(words.into_iter()).and_then(|arguments| measure(&arguments)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn child(arguments: &[String]) -> Result<()> {
    println!("{}", serde_json::to_string(&child::run(arguments)?)?);
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<()> {
    let python = Python::find();
    std::fs::create_dir_all(&arguments.cache)?;
    let session = Session { cache: &arguments.cache, python: python.as_ref() };
    let report = Plan { arguments, session }.run()?;

    let machine = machine::describe(python.as_ref().map(|python| python.versions.as_slice()), &arguments.cache);
    let rounds = format!("{machine} {} rounds; in parentheses the least and the largest.", arguments.rounds());
    let goals = format!("{}\n{rounds}", goal::table(&report.goals));
    println!("\n{goals}");
    if arguments.write {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let readme = root.join("benches/README.md");
        readme::replace(&readme, "load: goals", &goals)?;
        if !arguments.quick {
            readme::replace(&readme, "load: tables", &format!("{rounds}\n\n{}", report.tables))?;
        }
        readme::replace(&root.join("README.md"), "load: goals", &goal::table(&report.goals))?;
    }
    Ok(())
}
