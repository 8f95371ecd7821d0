//! burn-store, whose tensors are put on burn's CPU backend `flex`.

use std::any::Any;

use burn_core::tensor::{Device, Tensor, TensorData};
use burn_store::burn_pack::Tensor as Snapshot;
use burn_store::{ModuleStore, PytorchStore, SafetensorsStore, bridge};

use super::{Loaded, Peer, Request};
use crate::Result;
use crate::file::Format;

pub const PEERS: &[Peer] = &[Peer { id: "burn", load, open: None, save: None }];

/// The ranks that the files have.
enum OfRank {
    One(Tensor<1>),
    Two(Tensor<2>),
}

struct Tensors(Vec<(String, OfRank)>);

fn load(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    let device = Device::flex();
    let snapshots: Vec<Snapshot> = if request.file.format == Format::Safetensors {
        let mut store = SafetensorsStore::from_file(&request.path);
        store.get_all_tensors()?.values().cloned().collect()
    } else {
        let mut store = PytorchStore::from_file(&request.path);
        store.get_all_tensors()?.values().cloned().collect()
    };
    let tensor = |snapshot: Snapshot| -> Result<_> {
        let (name, dtype, rank) = (snapshot.name.clone(), snapshot.dtype, snapshot.shape.len());
        // As its applier does for a parameter.
        let data = bridge::into_data(snapshot)?;
        let tensor = match rank {
            1 => OfRank::One(Tensor::from_data(data, (&device, dtype))),
            2 => OfRank::Two(Tensor::from_data(data, (&device, dtype))),
            _ => return Err(format!("{name}: a tensor of rank {rank}").into()),
        };
        Ok((name, tensor))
    };
    Ok(Box::new(Tensors(snapshots.into_iter().map(tensor).collect::<Result<_>>()?)))
}

impl Loaded for Tensors {
    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        for (name, tensor) in &self.0 {
            let data: TensorData = match tensor {
                OfRank::One(tensor) => tensor.to_data(),
                OfRank::Two(tensor) => tensor.to_data(),
            };
            visit(name, &data.into_bytes());
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
