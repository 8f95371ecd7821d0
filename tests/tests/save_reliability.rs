//! Saving loses nothing: after a kill, an error, other writers and readers, the file is the old one or the new one.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model_runtime::checkpoint::{Checkpoint, CheckpointErrorKind, SaveOptions, Value};

const SAVE_LOOP: &str = env!("CARGO_BIN_EXE_save_loop");
/// Kills of each format; `SAVE_KILLS=1000` for the long run.
const KILLS: u64 = 20;
/// Seconds of reading during saves; `SAVE_SECONDS=60` for the long run.
const SECONDS: u64 = 2;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn save_once(path: &Path, number: u32) {
    let status = Command::new(SAVE_LOOP).arg(path).args([number.to_string(), "1".into()]).status();
    assert!(status.expect("the program runs").success());
}

/// The number that every element of the file is; panics if the file is not whole.
fn number(path: &Path) -> u32 {
    try_number(path).unwrap_or_else(|error| panic!("{error}"))
}

fn try_number(path: &Path) -> Result<u32, String> {
    let state = Checkpoint::open(path).and_then(|file| file.raw_state_dict()).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::open(path).map_err(|error| error.to_string())?;
    let mut numbers = Vec::new();
    for (key, _) in &state.entries {
        let tensor = checkpoint.root().get(key).and_then(Value::as_tensor).ok_or("a key is missing")?;
        let bytes = tensor.read_bytes().map_err(|error| error.to_string())?;
        let (elements, _) = bytes.as_chunks::<4>();
        numbers.extend(elements.iter().map(|element| u32::from_le_bytes(*element)));
    }
    let first = numbers[0];
    if numbers.len() == 240_000 && numbers.iter().all(|number| *number == first) {
        Ok(first)
    } else {
        Err("torn".into())
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect();
    names.sort();
    names
}

/// Numbers that are different in each run and cost nothing.
fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

#[test]
fn a_save_that_is_killed_at_any_moment_leaves_the_old_file_or_the_new_one() {
    for extension in ["pt", "safetensors"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("net.{extension}"));
        save_once(&path, 1);
        let mut last = 1;
        for _ in 0..setting("SAVE_KILLS", KILLS) {
            let child = Command::new(SAVE_LOOP).arg(&path).args([(last + 1).to_string(), "1000000".into()]).spawn();
            let mut child = child.expect("the program runs");
            std::thread::sleep(Duration::from_micros(2_000 + random() % 60_000));
            child.kill().expect("a child to kill");
            child.wait().expect("a child to wait for");
            let now = number(&path);
            assert!(now >= last, "{now} after {last}");
            last = now;
        }
        save_once(&path, 7);
        assert_eq!(number(&path), 7);
        assert_eq!(names(folder.path()), [format!("net.{extension}")], "what killed saves left is swept");
    }
}

#[test]
fn readers_during_saves_see_whole_files_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.pt");
    save_once(&path, 1);
    let child = Command::new(SAVE_LOOP).arg(&path).args(["2", "1000000"]).spawn();
    let mut writer = child.expect("the program runs");
    let (stop, read) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    number(&path);
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(setting("SAVE_SECONDS", SECONDS));
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
    });
    writer.kill().expect("a child to kill");
    writer.wait().expect("a child to wait for");
    assert!(number(&path) > 1 && read.into_inner() > 8);
}

#[test]
fn two_writers_at_once_both_save() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.pt");
    let writer =
        |first: &str| Command::new(SAVE_LOOP).arg(&path).args([first, "25"]).spawn().expect("the program runs");
    let writers = [writer("100"), writer("200")];
    for mut writer in writers {
        assert!(writer.wait().expect("a child to wait for").success());
    }
    assert!([124, 224].contains(&number(&path)));
    assert_eq!(names(folder.path()), ["net.pt"]);
}

/// A file must not grow past 64 KiB: the error comes where that of a full disk comes.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_leaves_the_old_file_and_nothing_else() {
    for extension in ["pt", "safetensors"] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("net.{extension}"));
        save_once(&path, 1);
        let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$1\" 2 1";
        let output = Command::new("sh").args(["-c", script, SAVE_LOOP]).arg(&path).output().expect("a shell");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains("too large") && text.contains("net."), "{text}");
        assert_eq!(number(&path), 1);
        assert_eq!(names(folder.path()), [format!("net.{extension}")]);
    }
}

/// Every system call of a save fails once, in each of these ways.
#[test]
fn a_system_call_that_fails_leaves_the_old_file_or_the_new_one_and_is_told() {
    const FAULTS: &[(&str, &str)] = &[
        ("write", "ENOSPC"),
        ("write", "EIO"),
        ("write", "EINTR"),
        ("fsync", "EIO"),
        ("fsync", "ENOSPC"),
        ("fchmod", "EPERM"),
        ("flock", "ENOLCK"),
        ("rename", "EIO"),
        ("rename", "EINTR"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace");
    let strace = |fault: &str, path: &Path| {
        let mut command = Command::new("strace");
        command.arg("-f").arg("-o").arg(&trace).args(["-e", fault]).arg(SAVE_LOOP).arg(path).args(["2", "1"]);
        command.stderr(Stdio::null()).status().ok().map(|status| status.success())
    };
    if strace("trace=fsync", &folder.path().join("try.pt")) != Some(true) {
        return skipped("there is no `strace` here, or it may not trace");
    }
    for (call, error) in FAULTS {
        for at in 1..=100 {
            let saved = tempfile::tempdir().expect("a folder");
            let path = saved.path().join("net.pt");
            save_once(&path, 1);
            let succeeded = strace(&format!("inject={call}:error={error}:when={at}"), &path) == Some(true);
            let was_injected = fs::read_to_string(&trace).expect("a trace").contains("(INJECTED)");
            let now = number(&path);
            let at = format!("{call} {at} {error}");
            assert!(now == 2 || (now == 1 && !succeeded), "{at}: {now}, success {succeeded}");
            assert_eq!(names(saved.path()), ["net.pt"], "{at}");
            if !was_injected {
                assert!(succeeded && now == 2, "{at}");
                break;
            }
        }
    }
}

#[test]
fn the_file_is_on_the_disk_before_it_is_renamed_and_its_folder_after() {
    for extension in ["pt", "safetensors"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, trace) = (folder.path().join(format!("net.{extension}")), folder.path().join("trace"));
        let mut command = Command::new("strace");
        command.args(["-f", "-y", "-e", "trace=fsync,rename,renameat,renameat2", "-o"]).arg(&trace);
        let status = command.arg(SAVE_LOOP).arg(&path).args(["1", "1"]).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            return skipped("there is no `strace` here, or it may not trace");
        }
        let trace = fs::read_to_string(&trace).expect("a trace");
        let calls: Vec<_> = trace.lines().filter(|line| line.contains("sync(") || line.contains("rename")).collect();
        let [file, rename, after] = calls.as_slice() else { panic!("{trace}") };
        assert!(file.contains("fsync(") && file.contains(".model-runtime-"), "{trace}");
        assert!(rename.contains("rename") && rename.contains(&format!("net.{extension}")), "{trace}");
        let name = folder.path().file_name().and_then(|name| name.to_str()).expect("text");
        assert!(after.contains("fsync(") && after.contains(&format!("{name}>")), "{trace}");
    }
}

/// Not through the test harness, which hides what a passing test prints.
fn skipped(why: &str) {
    writeln!(io::stderr(), "SKIPPED: {why}").expect("an open stderr");
}

/// Fails at one write, or takes one byte less each time, or is interrupted before each.
struct Faulty {
    written: Vec<u8>,
    calls: usize,
    fails_at: Option<usize>,
    is_slow: bool,
}

impl Write for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.fails_at == Some(self.calls) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        if self.is_slow && self.calls % 2 == 1 {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let taken = if self.is_slow { bytes.len().div_ceil(2) } else { bytes.len() };
        self.written.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.fails_at == Some(self.calls) { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
    }
}

#[test]
fn an_error_of_any_write_is_returned_and_short_writes_are_completed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/checkpoints/net_state_dict.pt");
    let checkpoint = Checkpoint::open(path).expect("a fixture");
    let run = |fails_at, is_slow| {
        let mut out = Faulty { written: Vec::new(), calls: 0, fails_at, is_slow };
        let result = checkpoint.root().write_torch(&mut out, &SaveOptions::new());
        (result, out)
    };
    let (result, whole) = run(None, false);
    result.expect("a file");
    for at in 1..=whole.calls {
        let error = run(Some(at), false).0.expect_err("the fault is told");
        assert_eq!(error.kind(), CheckpointErrorKind::Io, "write {at}");
    }
    let (result, slow) = run(None, true);
    result.expect("a file");
    assert!(slow.written == whole.written);
}

#[test]
fn a_file_can_be_saved_over_while_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.pt");
    save_once(&path, 5);
    let checkpoint = Checkpoint::open(&path).expect("a file");
    let before = fs::read(&path).expect("a file");
    checkpoint.root().save(&path).expect("the file is saved over itself");
    assert!(fs::read(&path).expect("a file") == before);
    save_once(&path, 6);
    let tensor = checkpoint.root().get("tensor 0").and_then(Value::as_tensor).expect("a tensor");
    assert_eq!(tensor.read_bytes().expect("the old file, still open")[..4], 5u32.to_le_bytes());
}

#[test]
fn what_is_in_the_way_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = |path: PathBuf| Value::from(1).save(path).expect_err("a file cannot be there").to_string();
    assert!(told(folder.path().join("missing/a.pt")).contains("create it first"));
    fs::create_dir(folder.path().join("dir.pt")).expect("a folder");
    assert!(told(folder.path().join("dir.pt")).contains("there is a folder of this name"));
    let read_only = folder.path().join("kept.pt");
    fs::write(&read_only, "old").expect("a file");
    let mut permissions = fs::metadata(&read_only).expect("a file").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&read_only, permissions).expect("permissions");
    assert!(told(read_only.clone()).contains("read-only"));
    assert_eq!(fs::read(&read_only).expect("a file"), b"old");
    assert_eq!(names(folder.path()), ["dir.pt", "kept.pt"]);
}
