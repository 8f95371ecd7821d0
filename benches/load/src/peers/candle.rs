//! candle: its two readers of `.pt` files, and its mapped safetensors.

use std::any::Any;
use std::collections::HashMap;
use std::path::Path;

use candle_core::pickle::{PthTensors, read_all};
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::{Loaded, Peer, Request};
use crate::Result;

pub const PEERS: &[Peer] = &[
    Peer { id: "candle-read-all", load: all, open: Some(open), save: Some(save) },
    Peer { id: "candle-from-pth", load: from_pth, open: None, save: None },
    Peer { id: "candle-safetensors", load: from_safetensors, open: None, save: None },
];

/// Tensors by name.
pub struct Tensors(pub Vec<(String, Tensor)>);

fn all(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    Ok(Box::new(Tensors(read_all(&request.path)?)))
}

fn from_pth(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    get(request, &VarBuilder::from_pth(&request.path, DType::F32, &Device::Cpu)?)
}

fn from_safetensors(request: &Request<'_>) -> Result<Box<dyn Loaded>> {
    // SAFETY: nobody writes to the files while they are measured.
    let builder = unsafe { VarBuilder::from_mmaped_safetensors(&request.parts, DType::F32, &Device::Cpu)? };
    get(request, &builder)
}

/// What the constructor of a model does: it asks for each tensor by name.
fn get(request: &Request<'_>, builder: &VarBuilder<'_>) -> Result<Box<dyn Loaded>> {
    let mut tensors = Vec::with_capacity(request.entries.len());
    for entry in &request.entries {
        let dtype = if entry.dtype == "bfloat16" { DType::BF16 } else { DType::F32 };
        let tensor = builder.get_with_hints_dtype(&entry.shape[..], &entry.name, Default::default(), dtype)?;
        tensors.push((entry.name.clone(), tensor));
    }
    Ok(Box::new(Tensors(tensors)))
}

fn open(request: &Request<'_>) -> Result<usize> {
    Ok(PthTensors::new(&request.path, None)?.tensor_infos().len())
}

fn save(loaded: &dyn Loaded, path: &Path) -> Result<()> {
    let Tensors(tensors) = loaded.as_any().downcast_ref().ok_or("not the tensors of this peer")?;
    let tensors: HashMap<_, _> = tensors.iter().cloned().collect();
    Ok(candle_core::safetensors::save(&tensors, path)?)
}

impl Loaded for Tensors {
    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> Result<()> {
        for (name, tensor) in &self.0 {
            let mut bytes = Vec::new();
            tensor.write_bytes(&mut bytes)?;
            visit(name, &bytes);
        }
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
