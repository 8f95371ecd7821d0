//! Replacing a file only when the new one is complete.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::CheckpointError;

/// How much is collected before it is written, and how much of what is longer is written at a time: little enough to be
/// in the cache still when its checksum has been made.
pub(crate) const BUFFER: usize = 256 << 10;
/// New files are written under these names, with sixteen hexadecimal digits between.
const PREFIX: &str = ".model-runtime-";
const SUFFIX: &str = ".tmp";
/// Links that lead to links, as Linux follows them.
const MAX_LINKS: usize = 40;
/// Names that are tried before giving up; they are random.
const ATTEMPTS: usize = 100;

/// Why a file was not written: the file, or what should have been in it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The operating system refused to write.
    Io(io::Error),
    /// A tensor or value could not be read or has no form in the format.
    Content(CheckpointError),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<CheckpointError> for Failure {
    fn from(error: CheckpointError) -> Self {
        Self::Content(error)
    }
}

impl Failure {
    /// With more said about what was to be written.
    pub(crate) fn map(self, say: impl FnOnce(CheckpointError) -> CheckpointError) -> Self {
        match self {
            Self::Content(error) => Self::Content(say(error)),
            io => io,
        }
    }

    /// As an error of what was to be written; for writing to memory, which does not fail.
    pub(crate) fn into_content(self) -> CheckpointError {
        match self {
            Self::Io(error) => CheckpointError::io("cannot write to memory", error),
            Self::Content(error) => error,
        }
    }

    /// As an error of the checkpoint that should have been written to `path`.
    pub(crate) fn at(self, path: &Path) -> CheckpointError {
        match self {
            Self::Io(error) => CheckpointError::io("cannot write the file", error).in_file(path.display()),
            Self::Content(error) => error.in_file(path.display()),
        }
    }
}

/// Writes a file through `write`. It appears at `path`, or replaces what is there, only when all of it is on the disk;
/// on any error what was there stays, and nothing is left beside it.
///
/// # Errors
///
/// What `write` returns, and what the operating system refuses.
pub(crate) fn replace<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let new = Replacement::write(path, write)?;
    Ok(new.put()?)
}

/// A complete file beside its destination. Dropped, it is removed.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// Locked as long as it is open: another process tells by that whether it is still wanted.
    file: File,
    at: PathBuf,
    destination: PathBuf,
    is_in_place: bool,
}

impl Replacement {
    /// Writes the file for `path`, to the disk, and leaves what is at `path` as it is.
    pub(crate) fn write<E: From<io::Error>>(
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<Self, E> {
        let destination = destination(path)?;
        // Renaming works only within a file system, so the new file is written beside the old one.
        let folder = folder(&destination)?;
        sweep(folder);
        let (file, at) = create(folder)?;
        let new = Self { file, at, destination, is_in_place: false };
        let mut out = BufWriter::with_capacity(BUFFER, &new.file);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        if let Ok(old) = fs::metadata(&new.destination) {
            new.file.set_permissions(old.permissions())?;
        }
        new.file.sync_all()?;
        Ok(new)
    }

    /// Overwrites the bytes from `offset` on, on the disk too: what is known only when all is written.
    pub(crate) fn patch(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(u64::try_from(offset).unwrap_or(u64::MAX)))?;
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }

    /// Puts it in the place of what is there, and that on the disk.
    pub(crate) fn put(mut self) -> io::Result<()> {
        fs::rename(&self.at, &self.destination)?;
        self.is_in_place = true;
        sync_folder(folder(&self.destination)?)
    }

    /// Puts it to another place of the same folder, where a link is replaced and not followed.
    pub(crate) fn put_at(self, destination: PathBuf) -> io::Result<()> {
        let mut new = self;
        new.destination = destination;
        new.put()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.is_in_place {
            // Where even this fails, the next save to the folder removes it.
            drop(fs::remove_file(&self.at));
        }
    }
}

/// The file to replace: what links lead to, also where nothing is yet, and nothing but a file that may be written.
fn destination(path: &Path) -> io::Result<PathBuf> {
    let path = follow(path)?;
    let old = match fs::metadata(&path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path),
        Err(error) => return Err(error),
    };
    if old.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "there is a folder of this name"));
    }
    if !old.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "what is there is no regular file"));
    }
    if old.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file there is read-only"));
    }
    Ok(path)
}

/// Where the links that start at `path` end.
fn follow(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => {
                // A relative link starts where it lies; joining an absolute one replaces the folder.
                path = parent(&path).join(fs::read_link(&path)?);
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("the link leads through too many links"))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The folder of a file, which must be there.
pub(crate) fn folder(path: &Path) -> io::Result<&Path> {
    let folder = parent(path);
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no folder `{}`, create it first", folder.display())))
}

/// A new file with the permissions that any new file gets, locked.
fn create(folder: &Path) -> io::Result<(File, PathBuf)> {
    for _ in 0..ATTEMPTS {
        let at = folder.join(format!("{PREFIX}{:016x}{SUFFIX}", RandomState::new().hash_one(std::process::id())));
        let file = match OpenOptions::new().write(true).create_new(true).open(&at) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        // Another save can have taken the file for a stale one between these two lines, and removed it. Where files
        // cannot be locked, nothing is ever taken for stale.
        drop(file.lock());
        if at.exists() {
            return Ok((file, at));
        }
    }
    Err(io::Error::other("no temporary file could be made beside it"))
}

/// Removes the new files that killed processes left: those that nobody has locked.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_str().is_some_and(is_temporary) || !entry.file_type().is_ok_and(|sort| sort.is_file())
        {
            continue;
        }
        let Ok(file) = OpenOptions::new().write(true).open(entry.path()) else { continue };
        match file.try_lock() {
            // What cannot be removed now stays for the next save.
            Ok(()) => drop(fs::remove_file(entry.path())),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

fn is_temporary(name: &str) -> bool {
    let digits = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// Puts the rename itself on the disk, where folders can be opened and written through.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // File systems that have nothing to write through say so in one of these ways.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        result => result,
    }
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
