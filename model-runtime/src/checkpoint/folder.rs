//! Folders that hold a checkpoint: a distributed one, or the layout of a model hub.

use std::path::{Path, PathBuf};

use super::distributed::{self, METADATA};
use super::error::{CheckpointError, Result};
use super::safetensors::is_part;

/// The names that `transformers` and `diffusers` write, in the order in which they look for them.
const NAMES: &[&str] = &[
    "model.safetensors",
    "model.safetensors.index.json",
    "diffusion_pytorch_model.safetensors",
    "diffusion_pytorch_model.safetensors.index.json",
    "adapter_model.safetensors",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "diffusion_pytorch_model.bin",
    "adapter_model.bin",
];
/// Endings of files that can be a checkpoint.
const ENDINGS: &[&str] = &["safetensors", "pt", "pth", "bin", "ckpt"];
/// Files that are listed in a message.
const LISTED: usize = 8;

/// What a folder holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// The `.metadata` of a distributed checkpoint.
    Distributed(PathBuf),
    /// The one file to open.
    File(PathBuf),
}

/// Looks for the checkpoint in `folder`.
pub(super) fn find(folder: &Path) -> Result<Folder> {
    let metadata = folder.join(METADATA);
    if metadata.is_file() {
        return Ok(Folder::Distributed(metadata));
    }
    if let Some(file) = NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        return Ok(Folder::File(file));
    }
    let failed = |error| CheckpointError::io("cannot list the folder", error).in_file(folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if distributed::is_of_rank(&path) {
            return Err(of_ranks(folder));
        }
        let fits = path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        if fits && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    match files.as_slice() {
        // Opening it says what it is.
        [part, ..] if is_part(part) => Ok(Folder::File(part.clone())),
        [file] => Ok(Folder::File(file.clone())),
        [] => Err(none(folder).fix("name the file in it, for example `model.safetensors`")),
        files => {
            let names = files.iter().take(LISTED).filter_map(|path| path.file_name()?.to_str());
            let listed = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Err(none(folder).got(format_args!("{} files: {listed}", files.len())).fix("name one of them"))
        }
    }
}

fn of_ranks(folder: &Path) -> CheckpointError {
    let error =
        CheckpointError::unsupported("each rank wrote metadata of its own, and nothing says what there is in all");
    error
        .expected("`.metadata`")
        .got("`__0.metadata` and the like")
        .fix("save without `use_collectives=False`; or load it in Python and save it again")
        .in_file(folder.display())
}

fn none(folder: &Path) -> CheckpointError {
    CheckpointError::not_a_checkpoint("this is a folder without one checkpoint in it")
        .expected("`.metadata`, `model.safetensors`, `pytorch_model.bin` or the index of one of them")
        .in_file(folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_hub_is_opened_by_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let touch = |name: &str| std::fs::write(folder.path().join(name), b"").unwrap();
        let found = || match find(folder.path()) {
            Ok(Folder::File(path) | Folder::Distributed(path)) => {
                path.file_name().unwrap().to_str().unwrap().to_owned()
            }
            Err(error) => error.to_string(),
        };
        touch("config.json");
        assert!(found().contains("this is a folder without one checkpoint in it"), "{}", found());
        for (name, expected) in [
            ("net.pt", "net.pt"),
            ("other.pth", "2 files: `net.pt`, `other.pth`; name one of them"),
            ("pytorch_model.bin", "pytorch_model.bin"),
            ("model.safetensors.index.json", "model.safetensors.index.json"),
            ("model.safetensors", "model.safetensors"),
            (".metadata", ".metadata"),
        ] {
            touch(name);
            assert!(found().ends_with(expected), "{}", found());
        }
    }
}
