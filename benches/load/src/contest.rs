//! A contest: children of several contenders in turn, round by round, and what they measured.

use std::path::Path;

use crate::Result;
use crate::child::Measured;
use crate::contender::{Contender, Language};
use crate::file::File;
use crate::process::{Session, Task};
use crate::spread::{Spread, median};

/// What is measured of whom.
pub struct Contest<'a> {
    /// `load`, `open`, `forward` or `save`.
    pub what: &'a str,
    pub entries: Vec<(&'static Contender, &'static File)>,
    pub rounds: usize,
    /// Calls in a process after the first.
    pub repeats: usize,
    /// Whether the files are dropped from the page cache before each child.
    pub is_dropped: bool,
}

/// What one contender measured with one file.
pub struct Line {
    pub contender: &'static Contender,
    pub file: &'static File,
    /// In each round.
    pub measured: Vec<Measured>,
}

/// What all measured.
#[derive(Default)]
pub struct Results {
    pub lines: Vec<Line>,
    /// Who was left out, and why.
    pub left_out: Vec<String>,
}

impl Contest<'_> {
    /// Verifies that all read the same, and measures them.
    pub fn run(&self, session: &Session<'_>) -> Result<Results> {
        let mut results = Results::default();
        for &(contender, file) in &self.entries {
            session.warm(file)?;
            if contender.language == Language::Python && session.python.is_none() {
                results.left_out.push(format!("{}: no Python with torch", contender.says));
                continue;
            }
            results.lines.push(Line { contender, file, measured: Vec::new() });
        }
        if self.what == "load" {
            results.verify(session);
        }
        for round in 0..self.rounds {
            eprintln!("  {} {}, round {} of {}", self.what, self.entries[0].1.id, round + 1, self.rounds);
            for line in &mut results.lines {
                match self.is_dropped {
                    true => session.drop(line.file)?,
                    // Again: the system may have dropped it for the memory of the child before.
                    false => session.warm(line.file)?,
                }
                let (contender, file, repeats) = (line.contender, line.file, self.repeats);
                let task = Task { what: self.what, contender, file, repeats, out: Path::new("") };
                let measured = session.run(&task).map_err(|error| format!("{} {}: {error}", contender.id, file.id))?;
                line.measured.push(measured);
            }
        }
        Ok(results)
    }
}

impl Results {
    /// Leaves out who cannot read a file, or reads something else than the one before. Files of one layout hold the same.
    fn verify(&mut self, session: &Session<'_>) {
        let mut expected: Vec<(String, u32)> = Vec::new();
        let left_out = &mut self.left_out;
        self.lines.retain(|line| {
            if line.contender.id == "floor" {
                return true;
            }
            let (contender, file) = (line.contender, line.file);
            let task = Task { what: "verify", contender, file, repeats: 0, out: Path::new("") };
            let checksum =
                session.run(&task).and_then(|measured| measured.checksum.ok_or_else(|| "no checksum".into()));
            let layout = format!("{:?}", file.layout);
            match (checksum, expected.iter().find(|(known, _)| *known == layout)) {
                (Err(error), _) => left_out.push(format!("{} ({}): {error}", contender.says, file.says)),
                (Ok(checksum), Some((_, expected))) if checksum != *expected => {
                    left_out.push(format!("{} ({}): reads other bytes", contender.says, file.says));
                }
                (Ok(_), Some(_)) => return true,
                (Ok(checksum), None) => {
                    expected.push((layout, checksum));
                    return true;
                }
            }
            false
        });
    }

    /// The line of a contender, with the first of its files.
    pub fn of(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.contender.id == id)
    }

    /// The line of a contender with this file.
    pub fn with_file(&self, id: &str, file: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.contender.id == id && line.file.id == file)
    }
}

impl Line {
    /// One number of each round.
    pub fn spread(&self, value: impl Fn(&Measured) -> f64) -> Spread {
        Spread::of(self.measured.iter().map(value))
    }

    /// The ratio to another line, round by round.
    pub fn ratio(&self, other: &Self, value: impl Fn(&Measured) -> f64) -> Spread {
        Spread::of(self.measured.iter().zip(&other.measured).map(|(a, b)| value(a) / value(b)))
    }
}

/// The first call in a process.
pub fn first(measured: &Measured) -> f64 {
    measured.first
}

/// The median of the calls after it.
pub fn repeated(measured: &Measured) -> f64 {
    median(&measured.repeats)
}
