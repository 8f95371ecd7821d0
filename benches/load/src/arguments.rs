//! The command line.

use std::path::PathBuf;

use crate::Result;

/// What is asked for.
pub struct Arguments {
    /// The goals alone.
    pub quick: bool,
    /// Whether the READMEs get the tables.
    pub write: bool,
    /// Whether files are removed once they are measured.
    pub remove: bool,
    pub rounds: Option<usize>,
    /// The files of the table of loads, if not all.
    pub files: Option<Vec<String>>,
    pub cache: PathBuf,
}

pub const USAGE: &str = "\
usage: cargo run --release -- [--quick] [--write] [--rounds N] [--files ID,ID,...] [--remove] [--cache FOLDER]

  --quick   only what the goals are about: GPT-2's file, and opening
  --write   put the tables into benches/README.md, and the goals into README.md
  --rounds  children of each contender (11; with --quick 7)
  --files   the files of the tables of loads (all, which are 5 GB; `gpt2` among them always)
  --remove  remove each file when it is measured: the disk needs room for the largest, 2.4 GB
  --cache   where the files are (target/files)

`TORCH_PYTHON` names a Python with torch and safetensors; else it is `python3`.";

impl Arguments {
    /// Of the command line without the program's name.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let cache = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/files");
        let mut arguments = Self { quick: false, write: false, remove: false, rounds: None, files: None, cache };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} wants a value\n\n{USAGE}"));
            match word.as_str() {
                "--quick" => arguments.quick = true,
                "--write" => arguments.write = true,
                "--remove" => arguments.remove = true,
                "--rounds" => arguments.rounds = Some(value()?.parse::<usize>()?.max(1)),
                "--files" => arguments.files = Some(value()?.split(',').map(str::to_owned).collect()),
                "--cache" => arguments.cache = PathBuf::from(value()?),
                _ => return Err(format!("unknown argument `{word}`\n\n{USAGE}").into()),
            }
        }
        Ok(arguments)
    }

    /// The rounds of each contest.
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 7 } else { 11 })
    }
}
