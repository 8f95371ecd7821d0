//! Markdown tables of results.

use std::fmt::Write;

use crate::contest::{Line, Results, first, repeated};
use crate::spread::{Ratio, Spread, Time, megabytes};

/// The table of a contest of loads: everybody's times, and how often ours by copying they take.
pub fn load(results: &Results) -> String {
    let mut table = String::from(
        "| loader | makes | first in a process | again | ours, copied, goes into it | whole process | peak memory |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for line in &results.lines {
        let row = format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            named(line, results),
            line.contender.gives,
            Time(line.spread(first)),
            Time(line.spread(repeated)),
            of_ours(line, results),
            Time(line.spread(|measured| measured.whole)),
            peak(line),
        );
        writeln!(table, "{row}").expect("a string takes all");
    }
    table + &notes(results)
}

/// The table of a contest with files that are not in the page cache.
pub fn dropped(results: &Results) -> String {
    let mut table =
        String::from("| loader | first in a process | whole process | read from the disk |\n|---|---|---|---|\n");
    for line in &results.lines {
        let read = megabytes(line.spread(|measured| measured.read as f64).median);
        let (load, whole) = (Time(line.spread(first)), Time(line.spread(|measured| measured.whole)));
        writeln!(table, "| {} | {load} | {whole} | {read} |", named(line, results)).expect("a string takes all");
    }
    table + &notes(results)
}

/// The table of a contest that is not about files of several formats.
pub fn plain(results: &Results) -> String {
    let mut table =
        String::from("| loader | file | first in a process | again | peak memory |\n|---|---|---|---|---|\n");
    for line in &results.lines {
        let (load, again) = (Time(line.spread(first)), Time(line.spread(repeated)));
        let row = format!("| {} | {} | {load} | {again} | {} |", line.contender.says, line.file.says, peak(line));
        writeln!(table, "{row}").expect("a string takes all");
    }
    table + &notes(results)
}

/// The contender's name, with the container where the contest has several.
fn named(line: &Line, results: &Results) -> String {
    let is_one = results.lines.iter().all(|other| other.file.format == line.file.format);
    if is_one { line.contender.says.to_owned() } else { format!("{} ({})", line.contender.says, container(line)) }
}

fn container(line: &Line) -> &'static str {
    use crate::file::Format;
    match line.file.format {
        Format::Zip => "`.pt`",
        Format::Legacy => "legacy `.pt`",
        Format::Safetensors => "safetensors",
        Format::Sharded => "shards",
    }
}

/// How often the time of our copying load of the same file, or else of the first file.
fn of_ours(line: &Line, results: &Results) -> String {
    let ours = results.with_file("ours-copied", line.file.id).or_else(|| results.of("ours-copied"));
    ours.map_or_else(|| "-".to_owned(), |ours| Ratio(line.ratio(ours, first)).to_string())
}

fn peak(line: &Line) -> String {
    let Spread { median, .. } = line.spread(|measured| measured.peak as f64);
    let before = line.spread(|measured| measured.before as f64).median;
    format!("{} ({} before)", megabytes(median), megabytes(before))
}

fn notes(results: &Results) -> String {
    results.left_out.iter().map(|note| format!("\nLeft out: {note}.\n")).collect()
}
