//! The data of a model's leaves: read from the state dict, kept, or initial; tied leaves share it.

use candle_core::DType;

use super::compare::Origin;
use super::load::Wanted;
use super::read::{Request, read};
use crate::checkpoint::bridge;
use crate::device::AnyDevice;
use crate::error::{Error, Result, Unsupported};
use crate::hash::{FastMap, FastSet, map_of};
use crate::init::seed_of;
use crate::module::{Identity, LeafKind, initial_values};
use crate::transfer::Meter;

/// Tensors by the position of their leaf.
type Tensors = Vec<Option<candle_core::Tensor>>;

/// The tensors of all leaves that go to a device that holds data, by key.
/// `seed` is that of initial values.
pub(super) fn all(
    wanted: &[Wanted],
    origins: &[Origin<'_>],
    seed: u64,
    meter: &Meter,
) -> Result<FastMap<String, candle_core::Tensor>> {
    let mut tensors = from_state_dict(wanted, origins, meter)?;
    keep_own(wanted, origins, seed, &mut tensors)?;
    keep_ties(wanted, origins, &mut tensors)?;
    let mut by_key = map_of(wanted.len());
    by_key.extend(wanted.iter().zip(tensors).filter_map(|(leaf, tensor)| Some((leaf.key.clone(), tensor?))));
    Ok(by_key)
}

fn from_state_dict(wanted: &[Wanted], origins: &[Origin<'_>], meter: &Meter) -> Result<Tensors> {
    let mut requests = Vec::new();
    for (leaf, origin) in wanted.iter().zip(origins) {
        let device = leaf.to.device()?;
        requests.push(match (origin, device) {
            (Origin::Entry(entry, dtype) | Origin::Tied(entry, dtype), Some(device)) => {
                let as_variable = leaf.leaf.kind() == LeafKind::Parameter && dtype.is_float();
                Some(Request { entry, dtype: *dtype, device, as_variable })
            }
            _ => None,
        });
    }
    let mut tensors = read(&requests, meter)?;
    for (leaf, tensor) in wanted.iter().zip(&mut tensors) {
        // Files of PyTorch 0.3 hold scalars as tensors of one element.
        if let Some(tensor) = tensor.as_mut().filter(|tensor| tensor.shape() != leaf.leaf.shape()) {
            *tensor = tensor.detach().reshape(leaf.leaf.shape())?;
        }
    }
    Ok(tensors)
}

/// Adds the leaves that the state dict does not fill: their own values, or their initial ones.
fn keep_own(wanted: &[Wanted], origins: &[Origin<'_>], seed: u64, tensors: &mut Tensors) -> Result<()> {
    // What is tied across devices has the same values on each.
    let mut seeds = FastMap::default();
    for ((leaf, origin), tensor) in wanted.iter().zip(origins).zip(tensors) {
        if let (Origin::Own(dtype), Some(handle)) = (origin, leaf.to.handle()?) {
            let key = leaf.tied.as_ref().unwrap_or(&leaf.key);
            let seed = *seeds.entry(leaf.leaf.identity()).or_insert_with(|| seed_of(seed, key));
            let own = own(leaf, *dtype, seed, &handle).map_err(|error| error.at(&leaf.key))?;
            *tensor = Some(own);
        }
    }
    Ok(())
}

fn own(leaf: &Wanted, dtype: DType, seed: u64, device: &candle_core::Device) -> Result<candle_core::Tensor> {
    Ok(match leaf.leaf.tensor() {
        // A copy: what is loaded shares no memory with the model that it was loaded from.
        Some(tensor) => tensor.detach().to_dtype(dtype)?.to_device(device)?.force_contiguous()?,
        // Without `default`, `compare` lets only values through that do not depend on the seed.
        None => initial_values(&leaf.key, &leaf.leaf, seed)?.to_dtype(dtype)?.to_device(device)?,
    })
}

/// Gives tied leaves one tensor on each device, after checking that the state dict has the same data for all of them;
/// and buffers that are not tied memory of their own, since they are overwritten in place.
fn keep_ties(wanted: &[Wanted], origins: &[Origin<'_>], tensors: &mut Tensors) -> Result<()> {
    let mut first: FastMap<Identity, (&Wanted, candle_core::Tensor)> = map_of(wanted.len());
    let mut shared: FastMap<(Identity, Option<AnyDevice>), candle_core::Tensor> = map_of(wanted.len());
    for index in by_rank(origins) {
        let (Some(leaf), Some(Some(own))) = (wanted.get(index), tensors.get_mut(index)) else { continue };
        let (source, tensor) = first.entry(leaf.leaf.identity()).or_insert_with(|| (leaf, own.clone()));
        let is_read = matches!(origins.get(index), Some(Origin::Entry(..)));
        if is_read && !same_data(tensor, own)? {
            return Err(different_data(source, leaf));
        }
        let tensor = shared.entry((leaf.leaf.identity(), leaf.to.device()?)).or_insert_with(|| own.clone());
        *own = tensor.clone();
    }
    unshare(wanted, tensors)
}

/// The positions of all leaves, those that the state dict has data for first.
fn by_rank(origins: &[Origin<'_>]) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..origins.len()).collect();
    positions.sort_by_key(|position| match origins.get(*position) {
        Some(Origin::Entry(..)) => 0,
        Some(Origin::Tied(..)) => 1,
        _ => 2,
    });
    positions
}

/// Copies the buffers whose memory another leaf has too, unless they are tied to it. Parameters that share memory, and are
/// not tied, are no variables of it: each will be trained by itself.
fn unshare(wanted: &[Wanted], tensors: &mut Tensors) -> Result<()> {
    let mut owner: FastMap<usize, Identity> = map_of(wanted.len());
    let mut shared = FastSet::default();
    for kind in [LeafKind::Parameter, LeafKind::Buffer] {
        let leaves = wanted.iter().zip(&mut *tensors).filter(|(leaf, _)| leaf.leaf.kind() == kind);
        for (leaf, tensor) in leaves {
            let Some(tensor) = tensor else { continue };
            let identity = leaf.leaf.identity();
            let memory = memory(tensor);
            let is_shared = *owner.entry(memory).or_insert(identity) != identity;
            if is_shared && kind == LeafKind::Buffer {
                *tensor = tensor.detach().force_contiguous()?;
            } else if is_shared {
                shared.insert(memory);
            }
        }
    }
    let is_shared = |tensor: &&mut candle_core::Tensor| tensor.is_variable() && shared.contains(&memory(tensor));
    for tensor in tensors.iter_mut().flatten().filter(is_shared) {
        *tensor = tensor.detach();
    }
    Ok(())
}

/// The address of what a tensor is a view of.
fn memory(tensor: &candle_core::Tensor) -> usize {
    std::ptr::from_ref(&*tensor.storage_and_layout().0).addr()
}

/// Whether two tensors hold the same bytes.
fn same_data(a: &candle_core::Tensor, b: &candle_core::Tensor) -> Result<bool> {
    Ok(a.id() == b.id() || bridge::same_bytes(a, b)?)
}

/// The error of tied leaves that were given different data.
fn different_data(source: &Wanted, leaf: &Wanted) -> Error {
    let error = Unsupported::new(format_args!("tied to `{}` in the model", source.key)).key(&leaf.key);
    let error = error.expected("the same data").got("different data in the state dict");
    error
        .fix("declare each with its own `new` if they are two parameters (`clone` and `#[module(tied = ..)]` tie)")
        .into()
}
