//! The measured process: `child <what> <peer> <file> <cache> <repeats> <out>` prints what it measured as one line of JSON.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use model_runtime::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::derived::Derived;
use crate::file::{File, VOCABULARY};
use crate::peers::{self, Loaded, Peer, Request};

/// What a child measured, in seconds and bytes.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Measured {
    /// The first call in the process.
    pub first: f64,
    /// The calls after it.
    pub repeats: Vec<f64>,
    /// What the calls after the first took with all that is between them, which the process would not have done.
    pub repeats_took: f64,
    /// The most memory that the process had, until the end of the first call.
    pub peak: u64,
    /// What of that the process had before the call.
    pub before: u64,
    /// What the process read from the disk until then.
    pub read: u64,
    /// [`peers::checksum`], if that was asked for.
    pub checksum: Option<u32>,
    /// From start to end, less `repeats_took`; what only the parent can see.
    #[serde(default)]
    pub whole: f64,
}

/// The tokens of the forward pass: any, all different.
pub fn tokens() -> Vec<i64> {
    (0..32).map(|index: i64| index * 1511 % VOCABULARY as i64).collect()
}

/// Measures what the arguments say.
pub fn run(arguments: &[String]) -> Result<Measured> {
    let [what, peer, file, cache, repeats, out] = arguments else { return Err("child: expected six arguments".into()) };
    let (peer, file, repeats) = (peers::of_id(peer)?, File::of_id(file)?, repeats.parse()?);
    let request = Request::new(file, Path::new(cache))?;
    match what.as_str() {
        "verify" => Ok(Measured { checksum: Some(peers::checksum(&*(peer.load)(&request)?)?), ..Measured::default() }),
        "load" => repeated(repeats, || (peer.load)(&request)),
        "open" => {
            let open = peer.open.ok_or("this peer cannot open a file without loading it")?;
            repeated(repeats, || open(&request))
        }
        "logits" => {
            let logits = forward(peer, &request)?;
            let mut bytes = Vec::new();
            logits.as_candle().write_bytes(&mut bytes)?;
            fs::write(out, bytes)?;
            Ok(Measured::default())
        }
        "forward" => repeated(repeats, || forward(peer, &request)),
        "save" => save(peer, &request, Path::new(out)),
        other => Err(format!("child: cannot measure `{other}`").into()),
    }
}

/// Calls once, and then again so many times; what is made is dropped outside the measurement.
fn repeated<T>(repeats: usize, mut call: impl FnMut() -> Result<T>) -> Result<Measured> {
    let mut timed = || -> Result<_> {
        let start = Instant::now();
        let made = black_box(call()?);
        Ok((start.elapsed().as_secs_f64(), made))
    };
    let before = memory("VmRSS:")?;
    let (first, made) = timed()?;
    let (peak, read) = (memory("VmHWM:")?, bytes_read()?);
    drop(made);
    let start = Instant::now();
    let repeats = (0..repeats).map(|_| timed().map(|(took, _)| took)).collect::<Result<Vec<_>>>()?;
    let repeats_took = start.elapsed().as_secs_f64();
    Ok(Measured { first, repeats, repeats_took, peak, before, read, ..Measured::default() })
}

/// Loads the model and computes the logits of the tokens.
fn forward(peer: &Peer, request: &Request<'_>) -> Result<Tensor<Cpu>> {
    let loaded: Box<dyn Loaded> = (peer.load)(request)?;
    let Some(Derived::Gpt2(model)) = loaded.as_any().downcast_ref() else { return Err("not a derived GPT-2".into()) };
    let tokens = tokens();
    Ok(model.forward(&Tensor::from_vec(tokens.clone(), (1, tokens.len()), Cpu)?)?)
}

/// Loads, and saves to `path`. The peak is that of saving alone.
fn save(peer: &Peer, request: &Request<'_>, path: &Path) -> Result<Measured> {
    let save = peer.save.ok_or("this peer saves nothing")?;
    let loaded = (peer.load)(request)?;
    // The peak so far is forgotten: see `clear_refs` in proc(5).
    fs::write("/proc/self/clear_refs", "5")?;
    let before = memory("VmRSS:")?;
    let start = Instant::now();
    save(&*loaded, path)?;
    // What is saved is on the disk: ours is by itself.
    fs::File::open(path)?.sync_all()?;
    let first = start.elapsed().as_secs_f64();
    Ok(Measured { first, peak: memory("VmHWM:")?, before, ..Measured::default() })
}

/// A field of `/proc/self/status`, in bytes.
fn memory(field: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).ok_or("no such field in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// What came from the disk, not from the page cache.
fn bytes_read() -> Result<u64> {
    let io = fs::read_to_string("/proc/self/io")?;
    let line =
        io.lines().find_map(|line| line.strip_prefix("read_bytes:")).ok_or("no `read_bytes` in /proc/self/io")?;
    Ok(line.trim().parse()?)
}
