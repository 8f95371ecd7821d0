//! Counts the instructions of typed layers and of the same layers written with candle: `cargo run --release`, which wants
//! valgrind. `-- --write` puts the tables into `benches/README.md` and `README.md`; `-- NAME` measures one case.

mod count;
mod layers;
mod models;
mod operations;
mod pair;
mod readme;

use std::error::Error;
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
    match side {
        "typed" => (pair.typed)(calls.parse()?),
        _ => (pair.candle)(calls.parse()?),
    }
}

fn measure(only: Option<&str>, is_written: bool) -> Result<(), Box<dyn Error>> {
    let models = measured(models::CASES, only)?;
    let parts = [measured(layers::CASES, only)?, measured(operations::CASES, only)?].concat();
    let (goal, parts) = (table(&models), table(&parts));
    if is_written {
        let valgrind = Command::new("valgrind").arg("--version").output()?;
        let valgrind = String::from_utf8_lossy(&valgrind.stdout);
        let by = format!("Instructions of a call, counted by {} on one thread.", valgrind.trim());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let all = format!("{by} The goal, forward passes:\n\n{goal}\nWhat they are made of:\n\n{parts}");
        readme::replace(&root.join("benches/README.md"), "overhead", &all)?;
        readme::replace(&root.join("README.md"), "overhead", &goal)?;
    }
    Ok(())
}

/// The rows of the table, printed while they are measured.
fn measured(cases: &[Case], only: Option<&str>) -> Result<Vec<String>, Box<dyn Error>> {
    cases.iter().filter(|case| only.is_none_or(|only| case.id == only)).map(row).collect()
}

fn row(case: &Case) -> Result<String, Box<dyn Error>> {
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
    Ok(row)
}

fn table(rows: &[String]) -> String {
    let mut table = String::from("| | candle | typed | more | goal: under 1 % |\n|---|---|---|---|---|\n");
    for row in rows {
        table.push_str(row);
        table.push('\n');
    }
    table
}
