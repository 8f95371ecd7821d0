//! Untyped use of a state dict: `torch.load`'s `map_location`, and tensors on whatever device that says.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use super::entry::Data;
use super::read::{Request, read};
use super::{Entry, StateDict, StorageId};
use crate::checkpoint::{CheckpointError, Location, MapLocation, Storage, bridge};
use crate::device::AnyDevice;
use crate::error::{Error, Result, Unsupported};
use crate::transfer::Meter;

impl StateDict {
    /// The same entries on the devices that `map_location` says; [`tensors`](Self::tensors) reads them there.
    ///
    /// Corresponds to `map_location` of [`torch.load`](https://docs.pytorch.org/docs/stable/generated/torch.load.html),
    /// in its four forms and with their meanings: nothing (back to where each storage was saved), a device, a map from
    /// saved tag to tag, a function of storage and tag. It is asked once for each storage. Models do not need it: their
    /// type says where they go. Of a model in memory it says what [`save`](Self::save) writes into the file.
    ///
    /// ```
    /// use model_runtime::checkpoint::MapLocation;
    /// use model_runtime::prelude::*;
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits_legacy.pt");
    /// let state = Checkpoint::open(path)?.state_dict()?; // saved on `cuda:0`
    /// for (key, tensor) in state.map_location("cpu")?.tensors()? {
    ///     println!("{key}: {:?}", tensor.shape());
    /// }
    /// let state = state.map_location(MapLocation::from([("cuda:0", "cpu")]))?;
    /// assert_eq!(state.get("conv1.weight").map(|entry| entry.location()).as_deref(), Some("cpu"));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A tag that names no device, or a device that is not available here.
    pub fn map_location(&self, map_location: impl Into<MapLocation>) -> Result<Self> {
        let map_location = map_location.into();
        let mut mapped = self.clone();
        let mut by_storage: HashMap<StorageId, Location> = HashMap::new();
        for (key, entry) in &mut mapped.entries {
            let location = match by_storage.get(&entry.storage_id()) {
                Some(location) => *location,
                None => {
                    let storage = storage(key, entry)?;
                    available(map_location.resolve(&storage)?, &storage)?
                }
            };
            by_storage.insert(entry.storage_id(), location);
            *entry = entry.mapped_to(&location.to_string());
        }
        Ok(mapped)
    }

    /// Reads all tensors, each to the device that its location names. Entries that are the same view of one storage share
    /// one tensor.
    ///
    /// # Errors
    ///
    /// A location that is not available here (map it), or `meta`, where there is no data; a tensor that cannot be read.
    pub fn tensors(&self) -> Result<IndexMap<String, candle_core::Tensor>> {
        if let Some((key, reason)) = self.unreadable().next() {
            return Err(Unsupported::new(reason).key(key).into());
        }
        let mut requests = Vec::with_capacity(self.len());
        for (key, entry) in self.iter() {
            let location = Location::from_tag(&entry.location())?;
            let device = device(location).ok_or_else(|| Error::NoData { key: key.to_owned() })?;
            let dtype = bridge::dtype(entry.dtype()).map_err(|error| error.at(key))?;
            requests.push(Some(Request { entry, dtype, device, as_variable: false }));
        }
        let tensors = read(&requests, &Meter::default())?;
        Ok(self.keys().zip(tensors).filter_map(|(key, tensor)| Some((key.to_owned(), tensor?))).collect())
    }
}

/// What `map_location` is asked about: the storage in the file, or the one that a file of the tensor in memory would have.
fn storage(key: &str, entry: &Entry) -> Result<Arc<Storage>> {
    match entry.data() {
        Data::File(tensor) => Ok(Arc::clone(tensor.storage())),
        Data::Memory(tensor, _) => {
            let tensor = bridge::tensor_info(tensor, false).map_err(|error| error.at(key))?;
            Ok(Arc::clone(tensor.storage()))
        }
        Data::Described(..) => Err(Error::NoData { key: key.to_owned() }),
    }
}

/// The location, if its device opens. Where PyTorch says `map_location=torch.device('cpu')`, this says what to write.
fn available(location: Location, storage: &Storage) -> Result<Location> {
    if let Some(device) = device(location) {
        let (key, saved) = (storage.key(), storage.location());
        crate::device::handle(device).map_err(|error| {
            CheckpointError::argument(format_args!("cannot restore it to `{location}`: {error}"))
                .fix(format_args!(
                    "write `state.map_location(\"cpu\")?`, or `MapLocation::from([(\"{saved}\", \"cpu\")])` for this device alone"
                ))
                .at(format_args!("storage `{key}`"))
        })?;
    }
    Ok(location)
}

/// The device of a location, `None` for `meta`.
fn device(location: Location) -> Option<AnyDevice> {
    match location {
        Location::Cpu => Some(AnyDevice::Cpu),
        Location::Cuda(ordinal) => Some(AnyDevice::Cuda(ordinal.unwrap_or(0))),
        Location::Mps => Some(AnyDevice::Metal(0)),
        Location::Meta => None,
    }
}
