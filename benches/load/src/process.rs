//! Starts a child, in Rust or in Python, and reads what it measured.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::fs::Advice;

use crate::Result;
use crate::child::{self, Measured};
use crate::contender::{Contender, Language};
use crate::file::File;
use crate::machine;
use crate::python::Python;

/// What the children need to know.
pub struct Session<'a> {
    pub cache: &'a Path,
    pub python: Option<&'a Python>,
}

/// What a child is to do.
pub struct Task<'a> {
    pub what: &'a str,
    pub contender: &'a Contender,
    pub file: &'a File,
    pub repeats: usize,
    /// Where it writes, if it does.
    pub out: &'a Path,
}

impl Session<'_> {
    /// Runs one child.
    pub fn run(&self, task: &Task<'_>) -> Result<Measured> {
        let mut command = match task.contender.language {
            Language::Rust => self.rust(task)?,
            Language::Python => self.python(task)?,
        };
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output()?;
        let whole = start.elapsed().as_secs_f64();
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(text.lines().last().unwrap_or("it failed and said nothing").to_owned().into());
        }
        let measured: Measured = serde_json::from_slice(&output.stdout)?;
        Ok(Measured { whole: whole - measured.repeats_took, ..measured })
    }

    fn rust(&self, task: &Task<'_>) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["child", task.what, task.contender.id, task.file.id]).arg(self.cache);
        command.arg(task.repeats.to_string()).arg(task.out);
        Ok(command)
    }

    fn python(&self, task: &Task<'_>) -> Result<Command> {
        let python = self.python.ok_or("there is no Python with torch")?;
        let join = |parts: Vec<String>| parts.join(",");
        let paths = task.file.parts(self.cache)?.iter().map(|path| path.display().to_string()).collect();
        let mut command = python.script("peer.py");
        command.args([task.what, task.contender.id, &join(paths), &machine::cores().to_string()]);
        command.arg(task.repeats.to_string()).arg(task.out);
        command.arg(join(child::tokens().iter().map(i64::to_string).collect()));
        Ok(command)
    }

    /// Reads a file, so that the page cache has it.
    pub fn warm(&self, file: &File) -> Result<()> {
        for part in file.parts(self.cache)? {
            std::io::copy(&mut fs::File::open(part)?, &mut std::io::sink())?;
        }
        Ok(())
    }

    /// Asks the system to drop a file from the page cache. The children say what they read from the disk.
    pub fn drop(&self, file: &File) -> Result<()> {
        for part in file.parts(self.cache)? {
            rustix::fs::fadvise(fs::File::open(part)?, 0, None, Advice::DontNeed)?;
        }
        Ok(())
    }
}
