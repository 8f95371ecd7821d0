//! What is measured, in which order.

use std::fs;
use std::path::Path;

use crate::Result;
use crate::arguments::Arguments;
use crate::contender::{CONTENDERS, Contender, named};
use crate::contest::{Contest, Results};
use crate::file::{FILES, File, Layout};
use crate::generate;
use crate::goal::{self, Goal};
use crate::process::Session;
use crate::{logits, save, table};

/// What was measured, as Markdown.
pub struct Report {
    pub goals: Vec<Goal>,
    pub tables: String,
}

/// Who the goals are about.
const OF_GOALS: [&str; 8] = [
    "ours-mapped",
    "ours-copied",
    "candle-read-all",
    "pytorch-reader",
    "torch-load",
    "torch-load-mmap",
    "load-file",
    "floor",
];

/// The measurements of a command line.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub session: Session<'a>,
}

impl Plan<'_> {
    /// Measures everything that was asked for.
    pub fn run(&self) -> Result<Report> {
        let mut report = Report { goals: Vec::new(), tables: String::new() };
        self.gpt2(&mut report)?;
        self.forward(&mut report)?;
        self.opens(&mut report)?;
        if !self.arguments.quick {
            self.dropped(&mut report)?;
            self.saves(&mut report)?;
            self.others(&mut report)?;
        }
        Ok(report)
    }

    /// GPT-2's file, as `.pt` and as safetensors, in one contest.
    fn gpt2(&self, report: &mut Report) -> Result<()> {
        let files = [self.file("gpt2")?, self.file("gpt2-safetensors")?];
        let mut entries = entries(&files);
        if self.arguments.quick {
            // One line each: the safetensors file is for `load_file`.
            let mut seen = Vec::new();
            entries.retain(|(contender, _)| {
                let is_new = OF_GOALS.contains(&contender.id) && !seen.contains(&contender.id);
                seen.push(contender.id);
                is_new
            });
        }
        let results = self.contest("load", entries, false)?;
        report.goals.extend(goal::of_loads(&results));
        report.section("GPT-2, f32, 498 MB in 148 tensors, in the page cache", &table::load(&results));
        Ok(())
    }

    /// Load and one forward pass.
    fn forward(&self, report: &mut Report) -> Result<()> {
        let file = self.file("gpt2")?;
        let mut contenders = self.known(&["ours-mapped", "ours-copied", "torch-load-mmap", "torch-load"]);
        if self.session.python.is_none() {
            contenders.retain(|contender| contender.id.starts_with("ours"));
        }
        let difference = logits::compare(&self.session, file, &contenders)?;
        let entries = contenders.into_iter().map(|contender| (contender, file)).collect();
        let results = self.contest("forward", entries, false)?;
        report.goals.extend(goal::of_forward(&results));
        let note = format!("\nThe logits differ by {difference:.1e} at the most.\n");
        report.section("GPT-2: load and one forward pass of 32 tokens", &(table::plain(&results) + &note));
        Ok(())
    }

    /// The structure alone.
    fn opens(&self, report: &mut Report) -> Result<()> {
        let contenders = self.known(&["ours-copied", "candle-read-all", "pytorch-reader"]);
        let mut entries = Vec::new();
        for id in ["many-1000", "many-3000", "many-10000"] {
            let file = self.file(id)?;
            entries.extend(contenders.iter().map(|contender| (*contender, file)));
        }
        let results = self.contest("open", entries, false)?;
        report.goals.extend(goal::of_opens(&results));
        report.section("Opening: the structure and the keys, no tensors", &table::plain(&results));
        Ok(())
    }

    /// Files that are not in the page cache.
    fn dropped(&self, report: &mut Report) -> Result<()> {
        let files = [self.file("gpt2")?, self.file("gpt2-safetensors")?];
        let results = self.contest("load", entries(&files), true)?;
        report.section("GPT-2, dropped from the page cache", &table::dropped(&results));
        let file = files[0];
        let contenders = self.known(&["ours-mapped", "ours-copied", "torch-load-mmap", "torch-load"]);
        let entries = contenders.into_iter().map(|contender| (contender, file)).collect();
        let results = self.contest("forward", entries, true)?;
        report.section("GPT-2, dropped from the page cache: load and one forward pass", &table::dropped(&results));
        Ok(())
    }

    /// Saving, to memory and to the disk of the cache.
    fn saves(&self, report: &mut Report) -> Result<()> {
        self.file("gpt2")?;
        let memory = Path::new("/dev/shm");
        let rounds = self.arguments.rounds();
        if memory.is_dir() {
            report.section("Saving GPT-2 to memory (`/dev/shm`)", &save::table(&self.session, rounds, memory)?);
        }
        let table = save::table(&self.session, rounds, self.session.cache)?;
        report.section("Saving GPT-2 to the disk, until it is there", &table);
        Ok(())
    }

    /// The other files, one contest each.
    fn others(&self, report: &mut Report) -> Result<()> {
        let is_asked = |id: &str| self.arguments.files.as_ref().is_none_or(|files| files.iter().any(|file| file == id));
        let is_other = |file: &&File| !["gpt2", "gpt2-safetensors", "many-3000"].contains(&file.id);
        for file in FILES.iter().filter(is_other).filter(|file| is_asked(file.id)) {
            match self.file(file.id) {
                Err(error) => report.section(file.says, &format!("Left out: {error}.")),
                Ok(file) => {
                    let results = self.contest("load", entries(&[file]), false)?;
                    report.section(file.says, &table::load(&results));
                }
            }
            if self.arguments.remove && !matches!(file.layout, Layout::Uniform { count: 1000.., .. }) {
                generate::remove(file, self.session.cache)?;
            }
        }
        Ok(())
    }

    /// The file of that name, written if it is not there.
    fn file(&self, id: &str) -> Result<&'static File> {
        let file = File::of_id(id)?;
        fs::create_dir_all(self.session.cache)?;
        generate::generate(file, self.session.cache, self.session.python)?;
        Ok(file)
    }

    fn known(&self, ids: &[&str]) -> Vec<&'static Contender> {
        named(ids)
    }

    fn contest(
        &self,
        what: &str,
        entries: Vec<(&'static Contender, &'static File)>,
        is_dropped: bool,
    ) -> Result<Results> {
        let repeats = if is_dropped { 0 } else { 3 };
        Contest { what, entries, rounds: self.arguments.rounds(), repeats, is_dropped }.run(&self.session)
    }
}

/// Everybody who reads one of the files, with each that he reads.
fn entries(files: &[&'static File]) -> Vec<(&'static Contender, &'static File)> {
    let of_file = |file: &'static File| {
        CONTENDERS
            .iter()
            .filter(|contender| contender.formats.contains(&file.format))
            .map(move |contender| (contender, file))
    };
    files.iter().flat_map(|file| of_file(file)).collect()
}

impl Report {
    fn section(&mut self, title: &str, text: &str) {
        println!("\n{title}\n\n{text}");
        self.tables.push_str(&format!("#### {title}\n\n{}\n\n", text.trim()));
    }
}
