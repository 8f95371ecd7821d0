//! This repository, into a derived struct: over the mapped file, and by copying.

use std::any::Any;
use std::path::Path;

use model_runtime::Checkpoint;
use model_runtime::prelude::Cpu;

use super::{Loaded, Peer, Request};
use crate::Result;
use crate::derived::Derived;

pub const PEERS: &[Peer] = &[
    Peer { id: "ours-mapped", load: mapped, open: None, save: None },
    Peer { id: "ours-copied", load: copied, open: Some(open), save: Some(save) },
];

fn mapped(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    // SAFETY: nobody writes to the files while they are measured.
    let checkpoint = unsafe { Checkpoint::map(&request.path)? };
    Ok(Box::new(Derived::new(request.file).load(&checkpoint)?))
}

fn copied(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    let checkpoint = Checkpoint::open(&request.path)?;
    Ok(Box::new(Derived::new(request.file).load(&checkpoint)?))
}

fn open(request: &Request<'_>) -> Result<usize> {
    Ok(Checkpoint::open(&request.path)?.state_dict()?.len())
}

fn save(loaded: &dyn Loaded, path: &Path) -> Result<()> {
    let model = loaded.as_any().downcast_ref::<Derived<Cpu>>().ok_or("not a model of this peer")?;
    Ok(model.state_dict()?.save(path)?)
}

impl Loaded for Derived<Cpu> {
    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        for (name, entry) in self.state_dict()?.iter() {
            let mut bytes = Vec::new();
            entry.read()?.as_candle().write_bytes(&mut bytes)?;
            visit(name, &bytes);
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
