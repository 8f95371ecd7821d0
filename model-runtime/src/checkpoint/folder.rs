//! Folders that hold a checkpoint: a distributed one, or the layout of a model hub.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::distributed::{self, METADATA};
use super::error::{CheckpointError, Result};
use super::safetensors::PartName;

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
    /// Safetensors that each hold one rank's parts of the tensors, in order.
    Parts(Vec<PathBuf>),
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
    if files.iter().any(|path| PartName::of(path).is_some()) {
        check_parts(&files).map_err(|error| error.in_file(folder.display()))?;
        return Ok(Folder::Parts(files));
    }
    match files.as_slice() {
        [file] => Ok(Folder::File(file.clone())),
        [] => Err(none(folder).fix("name the file in it, for example `model.safetensors`")),
        files => {
            let names = files.iter().take(LISTED).filter_map(|path| path.file_name()?.to_str());
            let listed = names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Err(none(folder).got(format_args!("{} files: {listed}", files.len())).fix("name one of them"))
        }
    }
}

/// Refuses a folder that lacks one of the files which the ranks wrote together, or has others too.
fn check_parts(files: &[PathBuf]) -> Result<()> {
    let name = |path: &PathBuf| format!("`{}`", path.file_name().unwrap_or_default().display());
    let mut there = HashSet::new();
    let mut count = None;
    for path in files {
        let Some(PartName { file, files }) = PartName::of(path) else {
            let error = CheckpointError::unsupported("the folder holds parts of tensors, and other files");
            return Err(error.expected("one checkpoint in a folder").got(name(path)));
        };
        if file == 0 || file > *count.get_or_insert(files) || count != Some(files) {
            let error = CheckpointError::damaged("the parts in the folder are of several checkpoints");
            return Err(error.got(name(path)));
        }
        there.insert(file);
    }
    match count.and_then(|count| usize::try_from(count).ok()) {
        Some(count) if there.len() < count => Err(CheckpointError::damaged("files of parts are missing")
            .expected(format_args!("all of {count} from at least one rank"))
            .got(there.len())
            .fix("copy or download the files of all ranks")),
        _ => Ok(()),
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
            Ok(Folder::Parts(files)) => format!("{} parts", files.len()),
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

    #[test]
    fn the_parts_of_all_ranks_are_one_checkpoint() {
        let found = |names: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            names.iter().for_each(|name| std::fs::write(folder.path().join(name), b"").unwrap());
            match find(folder.path()) {
                Ok(Folder::Parts(files)) => format!("{} parts", files.len()),
                Ok(other) => format!("{other:?}"),
                Err(error) => error.to_string(),
            }
        };
        let (one, two) =
            ("shard-00001-model-00001-of-00002.safetensors", "shard-00003-model-00002-of-00002.safetensors");
        assert_eq!(found(&[one, two, "config.json"]), "2 parts");
        assert!(
            found(&[one]).contains("files of parts are missing, expected: all of 2 from at least one rank, got: 1")
        );
        assert!(found(&[one, two, "a.safetensors"]).contains("parts of tensors, and other files"));
        let other = "shard-00001-model-00001-of-00003.safetensors";
        assert!(found(&[one, two, other]).contains("of several checkpoints"));
        assert!(found(&["shard-00001-model-00003-of-00002.safetensors"]).contains("of several checkpoints"));
    }
}
