//! Writes PyTorch's zip format, record for record and byte for byte as `torch.save` of PyTorch 2.15 does.
//!
//! The pickle is made first, in memory; then the storages are written one after the other, a piece at a time.

mod annotated;
mod fingerprint;
mod identity;
mod storages;
mod tensor;
mod tree;
mod zip;

use std::io::Write;

use crate::checkpoint::map_location::MapLocation;
use crate::checkpoint::replace::Failure;
use crate::checkpoint::value::Value;

use storages::Storages;
use zip::ZipWriter;

pub(crate) use zip::archive_name;

/// The version of the layout: storages in numeric order, each where PyTorch computes it to be.
const FORMAT_VERSION: &[u8] = b"1";
/// `config.save.storage_alignment` of PyTorch.
const ALIGNMENT_RECORD: &[u8] = b"64";
const BYTE_ORDER: &[u8] = b"little";
/// `kMinProducedFileFormatVersion` of PyTorch.
/// <https://github.com/pytorch/pytorch/blob/v2.9.0/caffe2/serialize/versions.h>
const VERSION: &[u8] = b"3\n";

/// Writes `root` as an archive of that name.
///
/// # Errors
/// A value that cannot be saved (the message names its key), a storage that cannot be read, or what `out` returns.
pub(crate) fn write(
    root: &Value,
    archive: &str,
    map_location: Option<&MapLocation>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut storages = Storages::of(root, map_location)?;
    let pickle = tree::encode(root, &mut storages)?;
    let mut zip = ZipWriter::new(out, archive);
    zip.record("data.pkl", &pickle)?;
    drop(pickle);
    zip.record(".format_version", FORMAT_VERSION)?;
    zip.record(".storage_alignment", ALIGNMENT_RECORD)?;
    zip.record("byteorder", BYTE_ORDER)?;
    for (key, slot) in storages.in_order() {
        zip.stream(&format!("data/{key}"), slot.nbytes(), |out| slot.write_to(out))?;
    }
    zip.record("version", VERSION)?;
    zip.finish()
}
