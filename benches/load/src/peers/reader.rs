//! pytorch-reader, whose bytes are made tensors of candle.

use candle_core::{DType, Device, Tensor};
use pytorch_reader::PytorchReader;

use super::candle::Tensors;
use super::{Loaded, Peer, Request};
use crate::Result;

pub const PEERS: &[Peer] = &[Peer {
    id: "pytorch-reader",
    load,
    open: Some(|request| Ok(PytorchReader::new(&request.path)?.len())),
    save: None,
}];

fn load(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    let mut tensors = Vec::new();
    for (name, tensor) in PytorchReader::new(&request.path)?.into_tensors() {
        let dtype = match tensor.dtype() {
            pytorch_reader::DType::F32 => DType::F32,
            pytorch_reader::DType::BF16 => DType::BF16,
            other => return Err(format!("{name}: {other:?}").into()),
        };
        // It keeps nothing of what it read: the vector is dropped before the next one.
        let bytes = tensor.read()?;
        tensors.push((name, Tensor::from_raw_buffer(&bytes, dtype, tensor.shape(), &Device::Cpu)?));
    }
    Ok(Box::new(Tensors(tensors)))
}
