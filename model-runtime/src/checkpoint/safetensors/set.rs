//! Replacing a set of shards: at any moment the index names a whole set, the old one or the new one.
//!
//! No file that an index names is ever replaced. Where a new shard would have such a name, the new set is put beside the
//! old one under other names (`model-new-00001-of-00002.safetensors`), the index is replaced, which is one step, and then
//! the set gets the usual names by links and a second index.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::id::saved_id;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::limits::Limits;
use crate::checkpoint::replace::{Failure, Replacement, folder, sync_folder};
use crate::checkpoint::shards::{INDEX_SUFFIX, check_name, read_index};
use crate::checkpoint::source::Source;

/// The ending of the files of a set.
const SUFFIX: &str = ".safetensors";
/// What stands in the names of a set that is beside the one that it replaces; a number follows from the second try on.
const BESIDE: &str = "-new";

/// The files that hold the tensors of a save to `path`, beside it.
pub(super) struct ShardSet<'a> {
    path: &'a Path,
    stem: &'a str,
    folder: PathBuf,
}

/// What is in the folder when a set is put there.
struct There {
    /// The shards that the index at the same path names.
    old: HashSet<String>,
    /// The shards that the other indices in the folder name.
    others: HashSet<String>,
}

impl<'a> ShardSet<'a> {
    /// The set of a save to `path`.
    ///
    /// # Errors
    ///
    /// A name that is no text, a folder that is not there.
    pub(super) fn new(path: &'a Path) -> Result<Self, Failure> {
        let not_text = || CheckpointError::argument("the name of a sharded file must be text: its index is JSON");
        let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or_else(not_text)?;
        Ok(Self { path, stem, folder: folder(path)?.to_owned() })
    }

    /// Where the shard of this number is when the save is done: `model-00001-of-00002.safetensors`.
    pub(super) fn shard(&self, number: usize, count: usize) -> PathBuf {
        self.folder.join(self.name("", number, count))
    }

    fn name(&self, beside: &str, number: usize, count: usize) -> String {
        format!("{}{beside}-{number:05}-of-{count:05}{SUFFIX}", self.stem)
    }

    fn names(&self, beside: &str, count: usize) -> Vec<String> {
        (1..=count).map(|number| self.name(beside, number, count)).collect()
    }

    /// `model.safetensors.index.json`.
    fn index(&self) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(INDEX_SUFFIX);
        self.folder.join(name)
    }

    /// Puts complete shards, and the index that `index` makes of their names, in the place of what was saved to the path
    /// before: a set, or one file.
    pub(super) fn put(
        &self,
        shards: Vec<Replacement>,
        index: impl Fn(&[String]) -> Result<Vec<u8>>,
    ) -> Result<(), Failure> {
        let lock = Lock::of(&self.folder);
        let there = self.there()?;
        let (usual, count) = (self.names("", shards.len()), shards.len());
        let is_unnamed = |there: &There, names: &[String]| names.iter().all(|name| !there.names(name));
        let mut names = usual.clone();
        for attempt in 1usize.. {
            if is_unnamed(&there, &names) {
                break;
            }
            let number = if attempt == 1 { String::new() } else { attempt.to_string() };
            names = self.names(&format!("{BESIDE}{number}"), count);
        }
        self.put_shards(shards, &names)?;
        if let Err(failure) = index(&names).map_err(Failure::from).and_then(|index| self.put_index(&index)) {
            // The index can be in its place, where only the flush of its folder failed.
            if self.there().is_ok_and(|there| is_unnamed(&there, &names)) {
                self.remove(&names);
            }
            return Err(failure);
        }
        // From here on it is the new set that is read, but for a single file that a folder's reader would prefer.
        if fs::symlink_metadata(self.path).is_ok_and(|there| !there.is_dir()) {
            fs::remove_file(self.path)?;
        }
        if names != usual && usual.iter().all(|name| !there.others.contains(name)) && self.link(&names, &usual) {
            self.put_index(&index(&usual)?)?;
        }
        Ok(self.sweep(&there.old, lock.is_alone())?)
    }

    /// Removes the set that an earlier save to the path left, after one file has taken its place.
    ///
    /// A set that another library wrote stays; so does every set where folders cannot be locked, for another process could
    /// be about to put its own there.
    pub(super) fn replaced_by_one_file(&self) -> Result<(), Failure> {
        let index = self.index();
        let ours = |index: &Path| Some(read_index(&open(index).ok()?).ok()?.id.is_some());
        if !index.is_file() || ours(&index) != Some(true) {
            return Ok(());
        }
        let lock = Lock::of(&self.folder);
        if !lock.is_alone() {
            return Ok(());
        }
        let old = self.there()?.old;
        fs::remove_file(&index)?;
        Ok(self.sweep(&old, true)?)
    }

    fn there(&self) -> io::Result<There> {
        let mut there = There { old: HashSet::new(), others: HashSet::new() };
        let own = self.index();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if !path.to_str().is_some_and(|name| name.ends_with(INDEX_SUFFIX)) {
                continue;
            }
            // What is no index names nothing.
            let Ok(index) = open(&path).and_then(|source| read_index(&source)) else { continue };
            let names = if path == own { &mut there.old } else { &mut there.others };
            names.extend(index.weight_map.into_iter().map(|(_, shard)| shard));
        }
        Ok(there)
    }

    fn put_shards(&self, shards: Vec<Replacement>, names: &[String]) -> io::Result<()> {
        for (at, (shard, name)) in shards.into_iter().zip(names).enumerate() {
            if let Err(error) = shard.put_at(self.folder.join(name)) {
                self.remove(names.get(..=at).unwrap_or_default());
                return Err(error);
            }
        }
        Ok(())
    }

    fn put_index(&self, index: &[u8]) -> Result<(), Failure> {
        Ok(Replacement::write::<Failure>(&self.index(), |out| Ok(out.write_all(index)?))?.put()?)
    }

    /// Gives the shards the usual names too, in place of the old ones, which no index names any more; says whether all
    /// have them. A file system without links leaves them under the names that they have.
    fn link(&self, names: &[String], usual: &[String]) -> bool {
        self.remove(usual);
        let linked = |(name, usual): (&String, &String)| fs::hard_link(self.folder.join(name), self.folder.join(usual));
        let linked = names.iter().zip(usual).try_for_each(linked).and_then(|()| sync_folder(&self.folder));
        if linked.is_err() {
            self.remove(usual);
        }
        linked.is_ok()
    }

    /// Removes the shards of the old set that no index names any more. Alone in the folder, it removes those of this crate's
    /// own that killed saves left too.
    fn sweep(&self, old: &HashSet<String>, is_alone: bool) -> io::Result<()> {
        let there = self.there()?;
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| name.ends_with(SUFFIX) && !there.names(name)) else {
                continue;
            };
            let is_left =
                || is_alone && self.is_shard(name) && open(&entry.path()).is_ok_and(|file| saved_id(&file).is_some());
            if check_name(name).is_ok() && (old.contains(name) || is_left()) {
                self.remove(&[name.to_owned()]);
            }
        }
        sync_folder(&self.folder)
    }

    /// Whether a set of this path can have a file of this name.
    fn is_shard(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.stem).and_then(|name| name.strip_suffix(SUFFIX));
        let Some(rest) = rest else { return false };
        let rest = rest.strip_prefix(BESIDE).map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        let numbers = rest.strip_prefix('-').and_then(|rest| rest.split_once("-of-"));
        let is_number = |text: &str| text.len() >= 5 && text.bytes().all(|digit| digit.is_ascii_digit());
        numbers.is_some_and(|(number, count)| is_number(number) && is_number(count))
    }

    /// What cannot be removed stays for the next save.
    fn remove(&self, names: &[String]) {
        names.iter().for_each(|name| drop(fs::remove_file(self.folder.join(name))));
    }
}

impl There {
    fn names(&self, shard: &str) -> bool {
        self.old.contains(shard) || self.others.contains(shard)
    }
}

fn open(path: &Path) -> Result<Source> {
    Source::open(path, Limits::default())
}

/// One save of a set at a time in this process, also where folders cannot be locked.
static TURN: Mutex<()> = Mutex::new(());

/// Keeps other saves of sets waiting.
struct Lock {
    _turn: MutexGuard<'static, ()>,
    folder: Option<File>,
}

impl Lock {
    fn of(folder: &Path) -> Self {
        // Nothing that it guards is in memory.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Self { _turn: turn, folder: lock(folder) }
    }

    /// Whether the saves of other processes wait too.
    fn is_alone(&self) -> bool {
        self.folder.is_some()
    }
}

/// Keeps saves of other processes to the folder waiting; `None` where folders cannot be locked.
#[cfg(unix)]
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok().map(|()| folder)
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn lock(_folder: &Path) -> Option<File> {
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_sets_of_one_process_are_put_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let index = ShardSet::new(&path).unwrap().index();
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        std::thread::scope(|scope| {
            let save = scope.spawn(|| ShardSet::new(&path).unwrap().put(Vec::new(), |_| Ok(b"{}".to_vec())).unwrap());
            std::thread::sleep(Duration::from_millis(100));
            assert!(!index.exists());
            drop(turn);
            save.join().unwrap();
        });
        assert!(index.exists());
    }
}
