//! Reads tensors for CUDA devices: through a ring of pinned buffers, while copies from others are on their way.

use candle_core::op::BackpropOp;
use candle_core::{CudaDevice, DType, Device, Storage, Tensor};
use indexmap::IndexMap;

use super::lane::{Buffer, Lane};
use super::plan::StoragePlan;
use super::progress::Meter;
use super::stage;
use crate::error::{Error, Result};
use crate::memory::{OnDevice, Part, Pinned};

/// The stream of a device, which is the one that candle computes on.
struct Stream<'d>(&'d CudaDevice);

impl Lane for Stream<'_> {
    type Buffer = Pinned;
    type Memory = OnDevice;

    fn allocate(&self, dtype: DType, elements: usize) -> Result<OnDevice> {
        Ok(OnDevice::new(self.0, dtype, elements)?)
    }

    fn buffer(&self, nbytes: usize) -> Result<Pinned> {
        Ok(Pinned::new(self.0, nbytes)?)
    }

    fn finish(&self) -> Result<()> {
        Ok(Device::Cuda(self.0.clone()).synchronize()?)
    }
}

impl Buffer for Pinned {
    type Memory = OnDevice;

    fn is_free(&self) -> bool {
        self.is_free()
    }

    fn parts(&mut self, lens: &[usize]) -> Result<Vec<Part<'_>>> {
        Ok(self.parts(lens)?)
    }

    fn send(&mut self, targets: &[Option<(&OnDevice, usize)>]) -> Result<()> {
        Ok(self.send(targets)?)
    }
}

/// The storages that [`read`] can read, by device, and the others.
pub(super) fn by_device(
    storages: Vec<StoragePlan<'_>>,
) -> (Vec<(CudaDevice, Vec<StoragePlan<'_>>)>, Vec<StoragePlan<'_>>) {
    let mut through_pinned: IndexMap<_, (CudaDevice, Vec<_>)> = IndexMap::new();
    let mut others = Vec::new();
    for storage in storages {
        match device(&storage).filter(|_| stage::can_read(&storage)) {
            Some(device) => {
                let (_, storages) = through_pinned.entry(device.id()).or_insert_with(|| (device.clone(), Vec::new()));
                storages.push(storage);
            }
            None => others.push(storage),
        }
    }
    (through_pinned.into_values().collect(), others)
}

/// The CUDA device that all tensors of a storage go to.
fn device<'r>(storage: &StoragePlan<'r>) -> Option<&'r CudaDevice> {
    let mut devices = storage.views.iter().map(|view| view.request.device.as_cuda_device().ok());
    let first = devices.next()??;
    devices.all(|device| device.is_some_and(|device| device.id() == first.id())).then_some(first)
}

/// The tensors of these storages, by the number of their request.
///
/// # Errors
///
/// What the device refuses, else the first storage that cannot be read.
pub(super) fn read(device: &CudaDevice, storages: &[StoragePlan<'_>], meter: &Meter) -> Result<Vec<(usize, Tensor)>> {
    let memories = stage::read(&Stream(device), storages, meter)?;
    let views = storages.iter().flat_map(|storage| &storage.views);
    let tensor = |(view, (index, memory)): (&super::plan::View<'_>, (usize, OnDevice))| {
        let not_filled = || Error::unsupported("not all of its bytes were read");
        let storage = memory.finish().ok_or_else(not_filled).map_err(|error| error.at(view.request.key))?;
        let shape = view.request.tensor.shape();
        Ok((index, Tensor::from_storage(Storage::Cuda(storage), shape, BackpropOp::none(), view.request.as_variable)))
    };
    views.zip(memories).map(tensor).collect()
}
