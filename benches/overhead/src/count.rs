//! Instructions, as valgrind's callgrind counts them.

use std::error::Error;
use std::process::{Command, Stdio};

/// The instructions of one call: those of a process with twice the calls, less those of one with the calls, so that the
/// start of the process and its first calls drop out.
pub fn per_call(case: &str, side: &str, calls: usize) -> Result<f64, Box<dyn Error>> {
    let (few, many) = (instructions(case, side, calls)?, instructions(case, side, 2 * calls)?);
    Ok((many - few) / calls as f64)
}

/// The instructions of a process that makes so many calls.
fn instructions(case: &str, side: &str, calls: usize) -> Result<f64, Box<dyn Error>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["child", case, side, &calls.to_string()]).stdin(Stdio::null());
    // On one thread the numbers are the same each time.
    command.env("RAYON_NUM_THREADS", "1").env("CANDLE_NUM_THREADS", "1");
    let output = command.output().map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    // `==12== Collected : 123456`
    let counted = text.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    counted.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind: {}: {text}", output.status).into())
}
