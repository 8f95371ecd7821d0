//! The floor: the same bytes, read by position on all cores into fresh memory, and nothing made of them.

use std::any::Any;
use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;

use super::{Loaded, Peer, Request};
use crate::Result;
use crate::machine;

/// What is read at once.
const CHUNK: usize = 8 << 20;

pub const PEERS: &[Peer] = &[Peer { id: "floor", load, open: None, save: None }];

struct Bytes(Vec<Vec<u8>>);

fn load(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    let file = fs::File::open(&request.path)?;
    let end = file.metadata()?.len();
    // One vector for each tensor, of memory that the system has zeroed: nothing is written to it before the read.
    let mut tensors: Vec<Vec<u8>> = request.entries.iter().map(|entry| vec![0; entry.bytes()]).collect();
    let (mut chunks, mut offset) = (Vec::new(), 0);
    for tensor in &mut tensors {
        for chunk in tensor.chunks_mut(CHUNK) {
            let len = chunk.len() as u64;
            if offset + len > end {
                return Err("the file is smaller than its tensors".into());
            }
            chunks.push((offset, chunk));
            offset += len;
        }
    }
    let chunks = Mutex::new(chunks.into_iter());
    let next = || chunks.lock().ok()?.next();
    std::thread::scope(|scope| {
        let read = || -> std::io::Result<()> {
            while let Some((offset, chunk)) = next() {
                file.read_exact_at(chunk, offset)?;
            }
            Ok(())
        };
        let others: Vec<_> = (1..machine::cores()).map(|_| scope.spawn(read)).collect();
        read()?;
        others.into_iter().try_for_each(|other| other.join().unwrap_or_else(|_| Err(std::io::Error::other("a panic"))))
    })?;
    Ok(Box::new(Bytes(tensors)))
}

/// The bytes stand for no tensors: there is nothing to compare.
impl Loaded for Bytes {
    fn each(&self, _visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        Err(format!("the floor has {} runs of bytes, and no tensors", self.0.len()).into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
