//! Runs cargo and reads what it cost: the user time of all its processes, which other programs on the machine change little.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

/// How the programs are built.
#[derive(Clone, Copy)]
pub enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    pub fn flag(self) -> Option<&'static str> {
        match self {
            Self::Debug => None,
            Self::Release => Some("--release"),
        }
    }
}

/// What one command cost, in each run: seconds of user time, and of the clock.
#[derive(Default)]
pub struct Cost {
    user: Vec<f64>,
    wall: Vec<f64>,
}

impl Cost {
    /// The median user time.
    pub fn median(&self) -> f64 {
        quantiles(&self.user)[1]
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([low, median, high], [_, wall, _]) = (quantiles(&self.user), quantiles(&self.wall));
        write!(f, "{median:.2} s of user time ({low:.2} to {high:.2}), {wall:.2} s by the clock")
    }
}

/// The least, the median and the largest.
fn quantiles(values: &[f64]) -> [f64; 3] {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    [values[0], values[values.len() / 2], values[values.len() - 1]]
}

/// Runs the command of each crate once to build what it depends on, then `runs` times in turn with its source touched.
pub fn interleaved<'a>(
    root: &Path,
    crates: &[&'a str],
    runs: usize,
    arguments: impl Fn(&'a str) -> Vec<&'a str>,
) -> Result<Vec<Cost>, String> {
    for name in crates {
        cargo(root, &arguments(name))?;
    }
    let mut costs: Vec<Cost> = crates.iter().map(|_| Cost::default()).collect();
    for _ in 0..runs.max(1) {
        for (name, cost) in crates.iter().zip(&mut costs) {
            touch(&root.join(name))?;
            let (user, clock) = (user_time()?, Instant::now());
            cargo(root, &arguments(name))?;
            cost.wall.push(clock.elapsed().as_secs_f64());
            cost.user.push(user_time()? - user);
        }
    }
    Ok(costs)
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).arg("--quiet").current_dir(root).stdin(Stdio::null());
    // What is compiled is compiled in full, where it is expected, by the compiler itself.
    command.env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", root.join("target")).env_remove("RUSTFLAGS");
    let status = command.status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo {}: {status}", arguments.join(" "))) }
}

/// Makes cargo think that a crate has changed.
fn touch(package: &Path) -> Result<(), String> {
    let sources = [package.join("src/lib.rs"), package.join("src/main.rs")];
    let source =
        sources.iter().find(|path| path.exists()).ok_or_else(|| format!("{}: no source", package.display()))?;
    let touched = File::options().write(true).open(source).and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(|error| format!("{}: {error}", source.display()))
}

/// Seconds of user time of the processes that this one has started and waited for: the 16th field of the line that
/// [Linux](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html) has for a process, in hundredths of a second.
fn user_time() -> Result<f64, String> {
    let path = PathBuf::from("/proc/self/stat");
    let stat = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // The second field is a name in parentheses, and can hold anything.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = rest.split_whitespace().nth(13).and_then(|ticks| ticks.parse::<f64>().ok());
    ticks.map(|ticks| ticks / 100.0).ok_or_else(|| format!("{}: no user time in it", path.display()))
}

/// The bytes of a file.
pub fn size(binary: &Path) -> Result<f64, String> {
    let metadata = fs::metadata(binary).map_err(|error| format!("{}: {error}", binary.display()))?;
    Ok(metadata.len() as f64)
}
