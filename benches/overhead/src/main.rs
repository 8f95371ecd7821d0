//! Counts the instructions of typed layers and of the same layers written with candle: `cargo run --release`, which wants
//! valgrind. `-- --write` puts the table into `benches/README.md`; `-- NAME` measures one case.

mod count;
mod layers;
mod models;
mod operations;
mod pair;

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use pair::Case;

/// What the two sides may differ in.
const CLOSE: f32 = 1e-5;

/// The goal: less than one percent more.
const GOAL: f64 = 0.01;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["child", case, side, calls] => child(case, side, calls),
        [] => measure(None, false),
        ["--write"] => measure(None, true),
        [case] => measure(Some(case), false),
        _ => Err("usage: cargo run --release -- [--write | NAME]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [operations::CASES, layers::CASES, models::CASES].into_iter().flatten()
}

fn child(id: &str, side: &str, calls: &str) -> Result<(), Box<dyn Error>> {
    let case = cases().find(|case| case.id == id).ok_or("no such case")?;
    let pair = (case.pair)()?;
    let run = if side == "typed" { pair.typed } else { pair.candle };
    for _ in 0..calls.parse::<usize>()? {
        black_box(run()?);
    }
    Ok(())
}

fn measure(only: Option<&str>, is_written: bool) -> Result<(), Box<dyn Error>> {
    let mut table = String::from("| | candle | typed | more | |\n|---|---|---|---|---|\n");
    for case in cases().filter(|case| only.is_none_or(|only| case.id == only)) {
        let difference = (case.pair)()?.difference()?;
        if difference.is_nan() || difference > CLOSE {
            return Err(format!("{}: the sides differ by {difference}", case.id).into());
        }
        let candle = count::per_call(case.id, "candle", case.calls)?;
        let typed = count::per_call(case.id, "typed", case.calls)?;
        let more = typed / candle - 1.0;
        let verdict = if more < GOAL { "met" } else { "**missed**" };
        let row = format!("| {} | {candle:.0} | {typed:.0} | {:+.2} % | {verdict} |", case.says, 100.0 * more);
        println!("{row}");
        writeln!(table, "{row}")?;
    }
    if is_written {
        let valgrind = Command::new("valgrind").arg("--version").output()?;
        let valgrind = String::from_utf8_lossy(&valgrind.stdout);
        let text = format!("{table}\nInstructions of a call, counted by {} on one thread.", valgrind.trim());
        write_readme(&text)?;
    }
    Ok(())
}

/// Puts the table between the markers of the README.
fn write_readme(text: &str) -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path)?;
    let (start, end) = ("<!-- overhead -->", "<!-- /overhead -->");
    let (before, rest) = readme.split_once(start).ok_or("benches/README.md: no marker for the overhead")?;
    let (_, after) = rest.split_once(end).ok_or("benches/README.md: no end of the overhead")?;
    Ok(std::fs::write(&path, format!("{before}{start}\n\n{text}\n\n{end}{after}"))?)
}
