//! Writes the measured files into the cache, where they are not yet there.

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::SaveOptions;
use serde::Serialize;

use crate::Result;
use crate::derived::Derived;
use crate::file::{Entry, File, Floats, Format, Layout};
use crate::python::Python;

/// What `python/files.py` reads.
#[derive(Serialize)]
struct Specification {
    path: PathBuf,
    format: Format,
    entries: Vec<Entry>,
}

/// Says when a file is complete, and who wrote it.
const WRITTEN_BY: &str = "written_by";

/// Writes `file`, by PyTorch if it is there; returns who wrote it.
pub fn generate(file: &File, cache: &Path, python: Option<&Python>) -> Result<String> {
    let folder = file.folder(cache);
    if let Ok(writer) = fs::read_to_string(folder.join(WRITTEN_BY)) {
        return Ok(writer);
    }
    eprintln!("writing {}", file.says);
    fs::create_dir_all(&folder)?;
    let writer = match python {
        Some(python) => {
            let path = folder.join("specification.json");
            let specification = Specification { path: file.path(cache), format: file.format, entries: file.entries() };
            fs::write(&path, serde_json::to_vec(&specification)?)?;
            python.run("files.py", &path)?;
            "PyTorch"
        }
        None => {
            write(file, cache)?;
            "this repository"
        }
    };
    // Pages that are not yet on the disk cannot be dropped.
    for part in file.parts(cache)? {
        fs::File::open(part)?.sync_all()?;
    }
    fs::write(folder.join(WRITTEN_BY), writer)?;
    Ok(writer.to_owned())
}

/// Removes what was written.
pub fn remove(file: &File, cache: &Path) -> Result<()> {
    Ok(fs::remove_dir_all(file.folder(cache))?)
}

/// Without PyTorch: what this repository writes.
fn write(file: &File, cache: &Path) -> Result<()> {
    let is_ours = !matches!(file.layout, Layout::Gpt2(Floats::BF16 | Floats::Mixed)) && file.format != Format::Legacy;
    if !is_ours {
        return Err(format!("{}: only PyTorch writes it here, and there is no Python with torch", file.id).into());
    }
    let state = Derived::new(file).init()?.state_dict()?;
    if file.format != Format::Sharded {
        return Ok(state.save(file.path(cache))?);
    }
    let options = SaveOptions::new().max_shard_size(200_000_000);
    Ok(state.save_with(file.folder(cache).join("model.safetensors"), &options)?)
}
