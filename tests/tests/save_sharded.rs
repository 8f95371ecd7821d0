//! Saving in shards: whatever happens, the index names a whole set, the old one or the new one, and nothing stays beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model_runtime::checkpoint::{Checkpoint, RawEntry, SaveOptions};
use model_runtime::prelude::*;

const SAVE_LOOP: &str = env!("CARGO_BIN_EXE_save_loop");
const ELEMENTS: usize = 240_000;
/// Kills of each sort of save; `SAVE_KILLS=1000` for the long run.
const KILLS: u64 = 40;
/// Seconds of reading during saves; `SAVE_SECONDS=60` for the long run.
const SECONDS: u64 = 2;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A save of these numbers, in so many shards; 0 for 1 to 4 by turns.
fn save(path: &Path, first: u32, count: u32, shards: u32) -> Command {
    let mut command = Command::new(SAVE_LOOP);
    command.arg(path).args([first.to_string(), count.to_string(), shards.to_string()]);
    command
}

fn save_once(path: &Path, number: u32, shards: u32) {
    assert!(save(path, number, 1, shards).status().expect("the program runs").success());
}

/// The number that every element of what is in the folder is.
fn number(folder: &Path) -> Result<u32, String> {
    let text = |error: model_runtime::checkpoint::CheckpointError| error.to_string();
    let state = Checkpoint::open(folder).and_then(|opened| opened.raw_state_dict()).map_err(text)?;
    let mut numbers = Vec::new();
    for (key, entry) in &state.entries {
        let RawEntry::Tensor(tensor) = entry else { return Err(format!("{key} is no tensor")) };
        let bytes = tensor.read_bytes().map_err(text)?;
        numbers.extend(bytes.as_chunks::<4>().0.iter().map(|element| u32::from_le_bytes(*element)));
    }
    match numbers.first() {
        Some(first) if numbers.len() == ELEMENTS && numbers.iter().all(|number| number == first) => Ok(*first),
        _ => Err(format!("torn: {} elements, {:?}", numbers.len(), numbers.iter().collect::<BTreeSet<_>>())),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

/// The names that `transformers` gives.
fn usual(count: usize) -> Vec<String> {
    let shards = (1..=count).map(|number| format!("model-{number:05}-of-{count:05}.safetensors"));
    shards.chain(["model.safetensors.index.json".into()]).collect()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    (folder, path)
}

/// Numbers that are different in each run and cost nothing.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

#[test]
fn a_save_of_shards_that_is_killed_at_any_moment_leaves_the_old_set_or_the_new_one() {
    // The same names each time; and other numbers of shards, and one file, by turns.
    for shards in [3, 0] {
        let (folder, path) = folder();
        save_once(&path, 1, shards);
        let mut last = 1;
        for _ in 0..setting("SAVE_KILLS", KILLS) {
            let mut child = save(&path, last + 1, 1_000_000, shards).spawn().expect("the program runs");
            std::thread::sleep(Duration::from_micros(2_000 + random() % 60_000));
            child.kill().expect("a child to kill");
            child.wait().expect("a child to wait for");
            let now = number(folder.path()).unwrap_or_else(|error| panic!("{error}: {:?}", names(folder.path())));
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
        save_once(&path, 7, 2);
        assert_eq!(number(folder.path()), Ok(7));
        assert_eq!(names(folder.path()), usual(2), "what killed saves left is swept");
    }
}

/// Killed at the first call of each sort, at the second, and so on.
#[test]
fn a_save_of_shards_that_is_killed_at_each_system_call_leaves_the_old_set_or_the_new_one() {
    for (old, new) in [(3, 3), (2, 3), (1, 2), (2, 1)] {
        for call in ["rename", "link,linkat", "unlink", "fsync", "flock"] {
            for at in 1..=200 {
                let (folder, path) = folder();
                save_once(&path, 1, old);
                let status = injected(&format!("inject={call}:signal=SIGKILL:when={at}"), &path, new);
                let Some(succeeded) = status else { return skipped() };
                let now = number(folder.path());
                let expected = if succeeded { vec![Ok(2)] } else { vec![Ok(1), Ok(2)] };
                assert!(expected.contains(&now), "{old} to {new}, {call} {at}: {now:?}, {:?}", names(folder.path()));
                save_once(&path, 3, 2);
                assert_eq!(number(folder.path()), Ok(3), "{old} to {new}, {call} {at}");
                assert_eq!(names(folder.path()), usual(2), "{old} to {new}, {call} {at}");
                if succeeded {
                    assert!(at > 1 || call.starts_with("link") || call == "unlink", "{call} is never called");
                    break;
                }
            }
        }
    }
}

#[test]
fn a_system_call_that_fails_leaves_the_old_set_or_the_new_one_and_is_told() {
    for (call, error) in [("rename", "EIO"), ("link,linkat", "EPERM"), ("unlink", "EACCES"), ("fsync", "ENOSPC")] {
        for at in 1..=200 {
            let (folder, path) = folder();
            save_once(&path, 1, 2);
            let status = injected(&format!("inject={call}:error={error}:when={at}"), &path, 2);
            let Some(succeeded) = status else { return skipped() };
            let now = number(folder.path());
            assert!(now == Ok(2) || (now == Ok(1) && !succeeded), "{call} {at}: {now:?}");
            save_once(&path, 3, 2);
            assert_eq!((number(folder.path()), names(folder.path())), (Ok(3), usual(2)), "{call} {at}");
            if at > 20 && succeeded {
                break;
            }
        }
    }
}

#[test]
fn where_there_are_no_links_a_set_keeps_the_names_that_it_first_got() {
    let (folder, path) = folder();
    save_once(&path, 1, 2);
    let no_links = || injected("inject=link,linkat:error=EPERM", &path, 2);
    let Some(succeeded) = no_links() else { return skipped() };
    let beside = |number| format!("model-new-{number:05}-of-00002.safetensors");
    let expected = vec![beside(1), beside(2), "model.safetensors.index.json".to_owned()];
    assert_eq!((succeeded, number(folder.path()), names(folder.path())), (true, Ok(2), expected));
    assert_eq!((no_links(), number(folder.path()), names(folder.path())), (Some(true), Ok(2), usual(2)));
}

#[test]
fn where_there_are_no_locks_sets_are_replaced_and_one_file_leaves_a_set_beside_it() {
    let (folder, path) = folder();
    let no_locks = |shards| injected("inject=flock,link,linkat:error=ENOLCK", &path, shards);
    save_once(&path, 1, 3);
    let Some(succeeded) = no_locks(2) else { return skipped() };
    assert_eq!((succeeded, number(folder.path()), names(folder.path())), (true, Ok(2), usual(2)));
    save_once(&path, 1, 2);
    assert_eq!(no_locks(1), Some(true));
    let index = folder.path().join("model.safetensors.index.json");
    assert_eq!((number(folder.path()), number(&index), names(folder.path()).len()), (Ok(2), Ok(1), 4));
    save_once(&path, 3, 1);
    assert_eq!((number(folder.path()), names(folder.path())), (Ok(3), vec!["model.safetensors".to_owned()]));
}

/// Whether a save of the number 2 under a fault succeeds; `None` without `strace`.
fn injected(fault: &str, path: &Path, shards: u32) -> Option<bool> {
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null", "-e", fault]).arg(SAVE_LOOP).arg(path);
    let status = command.args(["2", "1", &shards.to_string()]).stderr(Stdio::null()).status().ok()?;
    // `strace` ends as what it traces ends.
    if status.success() {
        return Some(true);
    }
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status().ok()?;
    traced.success().then_some(false)
}

/// Not through the test harness, which hides what a passing test prints.
fn skipped() {
    use std::io::Write;
    writeln!(std::io::stderr(), "SKIPPED: there is no `strace` here, or it may not trace").expect("an open stderr");
}

#[test]
fn readers_during_saves_of_shards_see_whole_sets_only() {
    let (folder, path) = folder();
    save_once(&path, 1, 3);
    let mut writer = save(&path, 2, 1_000_000, 3).spawn().expect("the program runs");
    let (stop, read) = (AtomicBool::new(false), AtomicU64::new(0));
    let index = folder.path().join("model.safetensors.index.json");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    if let Err(error) = number(&index) {
                        stop.store(true, Ordering::Relaxed);
                        panic!("{error}");
                    }
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(setting("SAVE_SECONDS", SECONDS));
        while Instant::now() < end && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
    });
    writer.kill().expect("a child to kill");
    writer.wait().expect("a child to wait for");
    assert!(number(folder.path()).is_ok_and(|number| number > 1) && read.into_inner() > 4);
}

#[cfg(unix)]
#[test]
fn two_writers_of_sets_at_once_both_save() {
    let (folder, path) = folder();
    let writers =
        [(100, 3), (200, 0)].map(|(first, shards)| save(&path, first, 25, shards).spawn().expect("a program"));
    for mut writer in writers {
        assert!(writer.wait().expect("a child to wait for").success());
    }
    assert!(matches!(number(folder.path()), Ok(124 | 224)));
}

#[test]
fn a_set_takes_the_place_of_what_was_saved_to_the_same_path() {
    let (folder, path) = folder();
    fs::write(folder.path().join("other-00001-of-00002.safetensors"), "mine").expect("a file");
    fs::write(folder.path().join("model-00009-of-00009.safetensors"), "of nobody").expect("a file");
    let kept = ["model-00009-of-00009.safetensors", "other-00001-of-00002.safetensors"];
    for (saved, shards) in [(1, 1), (2, 3), (3, 3), (4, 2), (5, 4), (6, 1), (7, 2)] {
        save_once(&path, saved, shards);
        assert_eq!(number(folder.path()), Ok(saved));
        let set = if shards == 1 { vec!["model.safetensors".to_owned()] } else { usual(shards as usize) };
        let mut expected: Vec<_> = set.into_iter().chain(kept.map(str::to_owned)).collect();
        expected.sort();
        assert_eq!(names(folder.path()), expected, "after {shards} shards");
    }
}

#[test]
fn the_shards_of_another_index_are_never_replaced_or_removed() {
    let (folder, path) = folder();
    // Its shards have the names that a set of `model.safetensors` has.
    save_once(&path, 1, 2);
    let ema = folder.path().join("ema.safetensors.index.json");
    fs::rename(folder.path().join("model.safetensors.index.json"), &ema).expect("another index");
    for saved in [2, 3, 4] {
        save_once(&path, saved, 2);
        assert_eq!((number(&ema), number(&folder.path().join("model.safetensors.index.json"))), (Ok(1), Ok(saved)));
        assert_eq!(names(folder.path()).len(), 6, "{:?}", names(folder.path()));
    }
}

#[test]
fn shards_of_two_saves_are_an_error_that_names_the_shard() {
    let ((folder, path), (other, other_path)) = (self::folder(), self::folder());
    save_once(&path, 1, 2);
    save_once(&other_path, 2, 2);
    let shard = "model-00002-of-00002.safetensors";
    fs::copy(other.path().join(shard), folder.path().join(shard)).expect("a copy");
    let error = number(folder.path()).expect_err("a mix");
    assert!(error.contains(&format!("the shard `{shard}` is of another save than the index")), "{error}");
    assert!(
        error.contains("expected: `model_runtime_set` `") && error.contains("copy or download all files"),
        "{error}"
    );
}

#[test]
fn the_same_tensors_make_the_same_files() {
    let files = || {
        let (folder, path) = folder();
        save_once(&path, 5, 3);
        let read = |name: String| (name.clone(), fs::read(folder.path().join(name)).expect("a file"));
        names(folder.path()).into_iter().map(read).collect::<BTreeMap<_, _>>()
    };
    assert!(files() == files());
}

#[test]
fn a_set_can_be_saved_over_while_it_is_read() {
    let (folder, path) = folder();
    save_once(&path, 5, 3);
    let state = Checkpoint::open(folder.path()).expect("a set").state_dict().expect("a state dict");
    let options = SaveOptions::new().max_shard_size(1);
    state.save_with(&path, &options).expect("the set is saved over itself");
    assert_eq!((number(folder.path()), names(folder.path())), (Ok(5), usual(3)));
    save_once(&path, 6, 2);
    let other = folder.path().join("other.safetensors");
    state.save(&other).expect("the old set, still open");
    assert_eq!(number(&other), Ok(5));
}
