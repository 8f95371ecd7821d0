//! The systems that load files in this program. Those that load them in Python are in `python/`.

mod burn;
mod candle;
mod floor;
mod ours;
mod reader;

use std::path::{Path, PathBuf};

use crate::Result;
use crate::file::{Entry, File};

/// One way to load a file in this program.
pub struct Peer {
    pub id: &'static str,
    /// Loads all tensors.
    pub load: fn(&Request<'_>) -> Result<Box<dyn Loaded>>,
    /// Reads the structure alone.
    pub open: Option<fn(&Request<'_>) -> Result<usize>>,
    /// Saves what `load` gave, in the format of the extension.
    pub save: Option<fn(&dyn Loaded, &Path) -> Result<()>>,
}

/// What is asked for.
pub struct Request<'a> {
    pub file: &'a File,
    pub path: PathBuf,
    /// The files that hold the tensors: `path`, or the shards.
    pub parts: Vec<PathBuf>,
    /// What is known of a file before it is opened: the model is written for it.
    pub entries: Vec<Entry>,
}

/// Tensors in memory.
pub trait Loaded {
    /// Hands out each tensor's name and its elements as bytes, in any order.
    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()>;

    /// What a peer's own functions need to see.
    fn as_any(&self) -> &dyn std::any::Any;
}

const PEERS: &[&[Peer]] = &[ours::PEERS, candle::PEERS, burn::PEERS, reader::PEERS, floor::PEERS];

/// The peer of that name.
pub fn of_id(id: &str) -> Result<&'static Peer> {
    let mut peers = PEERS.iter().copied().flatten();
    peers.find(|peer| peer.id == id).ok_or_else(|| format!("no peer `{id}`").into())
}

impl<'a> Request<'a> {
    pub fn new(file: &'a File, cache: &Path) -> Result<Self> {
        Ok(Self { file, path: file.path(cache), parts: file.parts(cache)?, entries: file.entries() })
    }
}

/// One number for all tensors: the same for every peer that read a file right.
pub fn checksum(loaded: &dyn Loaded) -> Result<u32> {
    let mut tensors = Vec::new();
    loaded.each(&mut |name, bytes| tensors.push((name.to_owned(), crc32fast::hash(bytes))))?;
    tensors.sort();
    let mut all = crc32fast::Hasher::new();
    for (name, crc) in tensors {
        all.update(name.as_bytes());
        all.update(&crc.to_le_bytes());
    }
    Ok(all.finalize())
}
