//! Saving GPT-2: time, and the memory that it needs beside the model.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Result;
use crate::child::Measured;
use crate::contender::{Contender, Language};
use crate::file::File;
use crate::process::{Session, Task};
use crate::spread::{Spread, Time, megabytes};

struct Saver {
    says: &'static str,
    extension: &'static str,
    contender: Contender,
}

const SAVERS: [Saver; 5] = [
    saver("**ours**, `.pt`", "pt", "ours-copied", Language::Rust),
    saver("`torch.save`", "pt", "torch-save", Language::Python),
    saver("**ours**, safetensors", "safetensors", "ours-copied", Language::Rust),
    saver("`safetensors.torch.save_file`", "safetensors", "save-file", Language::Python),
    saver("candle `safetensors::save`", "safetensors", "candle-read-all", Language::Rust),
];

const fn saver(says: &'static str, extension: &'static str, id: &'static str, language: Language) -> Saver {
    Saver { says, extension, contender: Contender { id, says, gives: "", language, formats: &[] } }
}

/// Measures all savers to one folder, in turn, and returns the table.
pub fn table(session: &Session<'_>, rounds: usize, folder: &Path) -> Result<String> {
    let file = File::of_id("gpt2")?;
    session.warm(file)?;
    let mut measured: Vec<Vec<Measured>> = SAVERS.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        eprintln!("  save to {}, round {} of {rounds}", folder.display(), round + 1);
        for (saver, measured) in SAVERS.iter().zip(&mut measured) {
            if saver.contender.language == Language::Python && session.python.is_none() {
                continue;
            }
            let out = folder.join(format!("saved-{}.{}", std::process::id(), saver.extension));
            let task = Task { what: "save", contender: &saver.contender, file, repeats: 0, out: &out };
            measured.push(session.run(&task)?);
            fs::remove_file(&out)?;
        }
    }
    let mut table = String::from(
        "| | time | ours of the same format goes into it | memory beside the model |\n|---|---|---|---|\n",
    );
    for (saver, line) in SAVERS.iter().zip(&measured) {
        let ours = SAVERS.iter().position(|ours| ours.extension == saver.extension).unwrap_or(0);
        let times = line.iter().map(|measured| measured.first);
        let ratio = line.iter().zip(&measured[ours]).map(|(theirs, ours)| theirs.first / ours.first);
        let beside = line.iter().map(|measured| measured.peak.saturating_sub(measured.before) as f64);
        writeln!(
            table,
            "| {} | {} | {} | {} |",
            saver.says,
            Time(Spread::of(times)),
            crate::spread::Ratio(Spread::of(ratio)),
            megabytes(Spread::of(beside).median),
        )
        .expect("a string takes all");
    }
    Ok(table)
}
