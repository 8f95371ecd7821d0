//! Opens hundreds of crafted files, each named for its attack: each is refused for the right reason, or read as Python
//! reads it, within its bounds of time, memory and stack, and with the same verdict by every path.

#![allow(clippy::panic, clippy::unwrap_used, clippy::as_conversions, reason = "a test stops at the first difference")]

mod corpus;
mod counting;

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use corpus::folders::FolderCase;
use corpus::{Case, Verdict};
use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointError, Limits, RawEntry};

/// A stack on which a reader that recurses would not get far.
const SMALL_STACK: usize = 256 << 10;
/// What refusing a file may take: this, and twice the file.
const BASE_MEMORY: usize = 64 << 10;
/// What one file may take; without optimisation everything is many times slower.
const SLOWEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });

/// Runs a test on a small stack.
fn on_a_small_stack(test: fn()) {
    std::thread::Builder::new().stack_size(SMALL_STACK).spawn(test).unwrap().join().unwrap();
}

/// What a reader makes of a file: the bytes of `w` and the tree in short, or what is wrong.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Tensor(Vec<u8>, String),
    Unreadable(String),
}

fn outcome(checkpoint: Result<Checkpoint, CheckpointError>) -> Result<Outcome, CheckpointError> {
    let checkpoint = checkpoint?;
    let (state, tree) = (checkpoint.raw_state_dict()?, format!("{:?} {}", checkpoint, checkpoint.root()));
    let mut found = None;
    for (key, entry) in &state.entries {
        let here = match entry {
            RawEntry::Tensor(tensor) => Outcome::Tensor(tensor.read_bytes()?, tree.clone()),
            RawEntry::Unreadable { reason } => Outcome::Unreadable(reason.clone()),
            other => panic!("{other:?}"),
        };
        if key == "w" {
            found = Some(here);
        }
    }
    checkpoint.verify()?;
    Ok(found.unwrap_or_else(|| Outcome::Unreadable(format!("there is no `w` in {tree}"))))
}

fn check(case: &Case, outcome: &Result<Outcome, CheckpointError>) -> Result<(), String> {
    let fits = match (&case.verdict, outcome) {
        (Verdict::Refused(text), Err(error)) => error.to_string().contains(text),
        (Verdict::Read(text), Ok(Outcome::Tensor(bytes, tree))) => {
            *bytes == corpus::pickle::floats() && tree.contains(text)
        }
        (Verdict::Negated(text), Ok(Outcome::Tensor(bytes, tree))) => {
            *bytes == corpus::pickle::negated_floats() && tree.contains(text)
        }
        (Verdict::Unreadable(text), Ok(Outcome::Unreadable(reason))) => reason.contains(text),
        _ => false,
    };
    let expected = match case.verdict {
        Verdict::Refused(text) => format!("an error with {text:?}"),
        Verdict::Read(text) => format!("to be read, with {text:?}"),
        Verdict::Negated(text) => format!("to be read and negated, with {text:?}"),
        Verdict::Unreadable(text) => format!("`w` unreadable: {text:?}"),
    };
    if fits { Ok(()) } else { Err(format!("{}: expected {expected}, got {outcome:?}", case.name)) }
}

/// Fails with all that went wrong.
fn all_fit(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_crafted_file_has_the_right_verdict() {
    on_a_small_stack(|| {
        let cases = corpus::all();
        assert!(cases.len() >= 300, "{} files", cases.len());
        let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), cases.len(), "two files have one name");
        all_fit(
            cases
                .iter()
                .filter_map(|case| check(case, &outcome(Checkpoint::from_bytes(case.bytes.clone()))).err())
                .collect(),
        );
    });
}

#[test]
fn refusing_a_file_takes_little_memory_and_time() {
    on_a_small_stack(|| {
        let (mut wrong, start) = (Vec::new(), Instant::now());
        for case in corpus::all() {
            let (len, bytes, began) = (case.bytes.len(), case.bytes.clone(), Instant::now());
            let (refused, peak) = counting::peak(|| outcome(Checkpoint::from_bytes(bytes)).is_err());
            if refused && peak > BASE_MEMORY + 2 * len {
                wrong.push(format!("{}: {peak} bytes for a file of {len}", case.name));
            }
            if began.elapsed() > SLOWEST {
                wrong.push(format!("{}: {:?}", case.name, began.elapsed()));
            }
        }
        let whole = Duration::from_secs(if cfg!(debug_assertions) { 600 } else { 60 });
        assert!(start.elapsed() < whole, "{:?}", start.elapsed());
        all_fit(wrong);
    });
}

/// The folder of a case, on disk.
fn written(case: &FolderCase) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in case.files.iter().map(|(name, bytes)| (*name, bytes)).chain([(case.open, &case.case.bytes)]) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    #[cfg(unix)]
    for (name, target) in &case.links {
        std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    }
    folder
}

#[test]
fn chunks_that_repeat_a_part_are_limited() {
    let case = corpus::distributed::repeated();
    let (folder, mut limits) = (written(&case), Limits::default());
    let path = folder.path().join(case.open);
    limits.expanded_bytes = 12_000;
    assert!(Checkpoint::open_with(&path, &limits).is_ok());
    limits.expanded_bytes = 11_999;
    let text = Checkpoint::open_with(&path, &limits).unwrap_err().to_string();
    assert!(text.contains("key `w`: the chunks repeat bytes of their files"), "{text}");
    assert!(text.contains("at most 11999, got: 12000; raise `Limits::expanded_bytes`"), "{text}");
}

#[test]
fn every_crafted_folder_has_the_right_verdict() {
    on_a_small_stack(|| {
        let (mut wrong, cases) = (Vec::new(), corpus::folders::all());
        assert!(cases.len() >= 100, "{} folders", cases.len());
        for case in cases.iter().filter(|case| cfg!(unix) || case.links.is_empty()) {
            let (folder, began) = (written(case), Instant::now());
            let (path, files) = (folder.path().join(case.open), case.files.iter().map(|(_, bytes)| bytes.len()));
            let read = files.sum::<usize>() + case.case.bytes.len();
            let (found, peak) = counting::peak(|| outcome(Checkpoint::open(&path)));
            wrong.extend(check(&case.case, &found).err());
            if let Err(error) = found {
                let text = error.to_string();
                if text.len() > 1024 || text.chars().any(char::is_control) || !text.contains(": ") {
                    wrong.push(format!("{}: {text}", case.case.name));
                }
                if peak > BASE_MEMORY + 2 * read {
                    wrong.push(format!("{}: {peak} bytes for files of {read}", case.case.name));
                }
            }
            if began.elapsed() > SLOWEST {
                wrong.push(format!("{}: {:?}", case.case.name, began.elapsed()));
            }
        }
        all_fit(wrong);
    });
}

#[test]
fn every_error_names_the_file_and_is_short_and_printable() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for case in corpus::all() {
        let path = folder.path().join("file.pt");
        std::fs::write(&path, &case.bytes).unwrap();
        if let Err(error) = outcome(Checkpoint::open(&path)) {
            let text = error.to_string();
            let fits = text.contains("file.pt: ") && text.len() <= 1024 && !text.chars().any(char::is_control);
            wrong.extend((!fits).then(|| format!("{}: {text}", case.name)));
        }
    }
    all_fit(wrong);
}

/// Reads one byte at a time.
struct Slow(Cursor<Vec<u8>>);

impl Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = out.len().min(1);
        self.0.read(&mut out[..len])
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn the_verdict_is_the_same_by_every_path() {
    let folder = tempfile::tempdir().unwrap();
    // The name of the file is in some trees and in all errors.
    let told = |result: Result<Outcome, CheckpointError>| match result {
        Ok(Outcome::Tensor(bytes, tree)) => format!("{bytes:?} {}", tree.split_once("format").unwrap_or_default().1),
        Ok(other) => format!("{other:?}"),
        Err(error) => format!("{:?} {}", error.kind(), error.to_string().replacen(error.file(), "", 1)),
    };
    for case in corpus::all().into_iter().filter(|case| case.bytes.len() < 1 << 20) {
        if case.name.contains("in memory") {
            continue;
        }
        let path = folder.path().join("file.pt");
        std::fs::write(&path, &case.bytes).unwrap();
        let expected = told(outcome(Checkpoint::open(&path)));
        assert_eq!(told(outcome(Checkpoint::from_bytes(case.bytes.clone()))), expected, "{}", case.name);
        let slow = Slow(Cursor::new(case.bytes.clone()));
        assert_eq!(told(outcome(Checkpoint::from_reader(slow))), expected, "{}", case.name);
        let fast = Cursor::new(case.bytes);
        assert_eq!(told(outcome(Checkpoint::from_reader(fast))), expected, "{}", case.name);
    }
}
