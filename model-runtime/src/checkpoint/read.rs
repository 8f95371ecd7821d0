//! Reads one file, whatever its container is.

use std::sync::Arc;

use super::error::{CheckpointError, Result};
use super::format::{self, Container, Parts};
use super::source::Source;
use super::{safetensors, torch};

/// Reads the structure of one file, with its storages numbered from `first_id`.
pub(super) fn read_file(source: &Arc<Source>, first_id: usize) -> Result<Parts> {
    let parts = format::detect(source).and_then(|container| match container {
        Container::Zip => torch::open_zip(source, first_id),
        Container::Legacy => torch::open_legacy(source, first_id),
        Container::Tar => torch::open_tar(source, first_id),
        Container::Safetensors => safetensors::open(source, first_id),
        Container::Index => Err(CheckpointError::damaged("an index of shards where a shard should be")),
    });
    parts.map_err(|error| error.in_file(source.name()))
}
