//! What the measurements ran on.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The processor, the system and the versions of everything measured, as lines of Markdown.
pub fn describe(python: Option<&[(String, String)]>, cache: &Path) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, name)| name);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = memory.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut text = format!(
        "{}, {} cores, {:.0} GB of memory, {} with Linux {}, rustc {}, on {}.",
        model.trim(),
        cores(),
        kib * 1024.0 / 1e9,
        file_system(cache),
        kernel.trim(),
        env!("RUSTC_VERSION"),
        output("date", &["-u", "+%-d %B %Y"]),
    );
    let crates = ["candle-core", "burn-store", "pytorch-reader"].map(|name| format!("{name} {}", version(name)));
    text.push_str(&format!("\n{}", crates.join(", ")));
    match python {
        Some(versions) => {
            for (name, version) in versions {
                text.push_str(&format!(", {name} {version}"));
            }
            text.push('.');
        }
        None => text.push_str(". No Python with torch was found: set `TORCH_PYTHON`."),
    }
    text
}

/// The number of threads that every peer may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The version of a crate in this program's lock file.
fn version(name: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let package = format!("name = \"{name}\"\nversion = \"");
    lock.split_once(package.as_str()).and_then(|(_, rest)| rest.split_once('"')).map_or("?", |(version, _)| version)
}

fn file_system(path: &Path) -> String {
    output("stat", &["-f", "-c", "%T", &path.display().to_string()])
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "?".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
