//! What is there after a save, whatever became of it.

use super::*;

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_failed_write_leaves_the_old_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    fs::write(&path, b"old").unwrap();
    let result: io::Result<()> = replace(&path, |out| {
        out.write_all(b"half of the ne")?;
        Err(io::Error::other("the disk is full"))
    });
    assert_eq!(result.unwrap_err().to_string(), "the disk is full");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["net.safetensors"]);
}

#[test]
fn a_complete_write_replaces_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    fs::write(&path, b"old").unwrap();
    replace::<io::Error>(&path, |out| out.write_all(b"new")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["net.safetensors"]);
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/net.safetensors");
    let error = replace::<io::Error>(&path, |out| out.write_all(b"new")).unwrap_err().to_string();
    assert!(error.contains("missing`, create it first"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_read_only_file_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("blob"), folder.path().join("net.safetensors"));
    fs::write(&file, b"old").unwrap();
    symlink(&file, &link).unwrap();
    replace::<io::Error>(&link, |out| out.write_all(b"new")).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let error = replace::<io::Error>(&link, |out| out.write_all(b"x")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(fs::read(&file).unwrap(), b"new");
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("blobs")).unwrap();
    let link = folder.path().join("net.pt");
    std::os::unix::fs::symlink("blobs/1", &link).unwrap();
    replace::<io::Error>(&link, |out| out.write_all(b"new")).unwrap();
    assert_eq!(fs::read(folder.path().join("blobs/1")).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let round = folder.path().join("round.pt");
    std::os::unix::fs::symlink("round.pt", &round).unwrap();
    assert!(replace::<io::Error>(&round, |out| out.write_all(b"new")).unwrap_err().to_string().contains("links"));
}

#[test]
fn stale_files_are_swept_and_those_of_a_live_save_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let stale = folder.path().join(".model-runtime-0123456789abcdef.tmp");
    let alike = folder.path().join(".model-runtime-notes.tmp");
    fs::write(&stale, b"half").unwrap();
    fs::write(&alike, b"mine").unwrap();
    let live = Replacement::write::<io::Error>(&folder.path().join("a.pt"), |out| out.write_all(b"a")).unwrap();
    assert!(!stale.exists());
    replace::<io::Error>(&folder.path().join("b.pt"), |out| out.write_all(b"b")).unwrap();
    live.put().unwrap();
    let mut left = names(folder.path());
    left.sort();
    assert_eq!(left, [".model-runtime-notes.tmp", "a.pt", "b.pt"]);
}

#[cfg(unix)]
#[test]
fn permissions_are_kept_and_a_new_file_gets_the_usual_ones() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    fs::write(folder.path().join("usual"), b"").unwrap();
    for name in ["new.pt", "kept.pt"] {
        replace::<io::Error>(&folder.path().join(name), |out| out.write_all(b"1")).unwrap();
        assert_eq!(mode(name), mode("usual"));
    }
    fs::set_permissions(folder.path().join("kept.pt"), fs::Permissions::from_mode(0o640)).unwrap();
    replace::<io::Error>(&folder.path().join("kept.pt"), |out| out.write_all(b"2")).unwrap();
    assert_eq!(mode("kept.pt"), 0o640);
}
