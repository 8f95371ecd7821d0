//! Attacks on checkpoints in several files: indices of shards and distributed ones.

use super::distributed;
use super::formats::{good, only};
use super::pickle::{call, text};
use super::{Case, Verdict};

/// A folder, what of it is opened, and what must become of it.
pub struct FolderCase {
    /// With the verdict; its bytes are those of the file that is opened.
    pub case: Case,
    /// The file that is opened.
    pub open: &'static str,
    /// The others.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// Symbolic links: name and target.
    pub links: Vec<(&'static str, &'static str)>,
}

pub fn folder(
    name: impl Into<String>,
    open: &'static str,
    bytes: Vec<u8>,
    files: Vec<(&'static str, Vec<u8>)>,
    verdict: Verdict,
) -> FolderCase {
    FolderCase { case: Case { name: name.into(), bytes, verdict }, open, files, links: Vec::new() }
}

pub fn all() -> Vec<FolderCase> {
    [names(), indices(), shards(), distributed::cases()].into_iter().flatten().collect()
}

const INDEX: &str = "pytorch_model.bin.index.json";

fn index(name: impl Into<String>, json: &str, verdict: Verdict) -> FolderCase {
    folder(name, INDEX, json.as_bytes().to_vec(), vec![("a.bin", good())], verdict)
}

fn refused(name: &str, json: &str, text: &'static str) -> FolderCase {
    index(format!("index: {name}"), json, Verdict::Refused(text))
}

fn of_shard(name: &str) -> String {
    format!(r#"{{"weight_map":{{"w":"{name}"}}}}"#)
}

/// Names of shards that lead out of the folder.
fn names() -> Vec<FolderCase> {
    let outside = [
        ("a shard in the folder above", "../a.bin"),
        ("a shard in a folder above that comes back", "x/../a.bin"),
        ("a shard in a folder below", "x/a.bin"),
        ("a shard beside it, with a dot", "./a.bin"),
        ("an absolute shard", "/etc/passwd"),
        ("a shard with a drive", "C:a.bin"),
        ("a shard with a backslash", "..\\\\a.bin"),
        ("a shard of another machine", "\\\\\\\\host\\\\a.bin"),
        ("a shard with a NUL", "a.bin\\u0000.safetensors"),
        ("an address for a shard", "https://example.com/a.bin"),
        ("the folder for a shard", "."),
        ("the folder above for a shard", ".."),
        ("no name for a shard", ""),
    ];
    outside.iter().map(|(name, shard)| refused(name, &of_shard(shard), "not a file beside the one")).collect()
}

/// Indices that are wrong in themselves.
fn indices() -> Vec<FolderCase> {
    let deep = format!(r#"{{"weight_map":{{"w":"a.bin"}},"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    vec![
        index("index: good", &of_shard("a.bin"), Verdict::Read("w")),
        index(
            "index: with its size",
            r#"{"metadata":{"total_size":24},"weight_map":{"w":"a.bin"}}"#,
            Verdict::Read("w"),
        ),
        refused("a key twice", r#"{"weight_map":{"w":"a.bin","w":"a.bin"}}"#, "twice"),
        refused("a key twice, once escaped", r#"{"weight_map":{"w":"a.bin","\u0077":"a.bin"}}"#, "twice"),
        refused("two maps", r#"{"weight_map":{"w":"a.bin"},"weight_map":{"w":"b.bin"}}"#, "duplicate field"),
        refused("two documents", r#"{"weight_map":{"w":"a.bin"}}{"weight_map":{"w":"b.bin"}}"#, "no index"),
        index("index: deep nesting beside the map", &deep, Verdict::Read("w")),
        refused("deep nesting in the map", &format!(r#"{{"weight_map":{}"#, "{\"a\":".repeat(50_000)), "no index"),
        refused("cut", r#"{"weight_map":{"w":"a.b"#, "no index of shards"),
        refused("no map", r#"{"metadata":{}}"#, "no index of shards"),
        refused("a list for the map", r#"{"weight_map":["w"]}"#, "no index of shards"),
        refused("a number for a shard", r#"{"weight_map":{"w":1}}"#, "no index of shards"),
        refused("a list for a shard", r#"{"weight_map":{"w":["a.bin"]}}"#, "no index of shards"),
        refused("a lone surrogate for a shard", &of_shard("\\ud800"), "no index of shards"),
    ]
}

/// Shards that are not what the index says.
fn shards() -> Vec<FolderCase> {
    let with = |name: &str, bytes: Vec<u8>, text: &'static str| {
        let files = vec![("a.bin", bytes)];
        folder(format!("index: {name}"), INDEX, of_shard("a.bin").into_bytes(), files, Verdict::Refused(text))
    };
    let linked = |name: &str, target: &'static str, verdict: Verdict| FolderCase {
        links: vec![("linked.bin", target)],
        ..index(format!("index: {name}"), &of_shard("linked.bin"), verdict)
    };
    vec![
        refused("a missing shard", &of_shard("b.bin"), "cannot open the file"),
        refused("a key that its shard lacks", r#"{"weight_map":{"w":"a.bin","v":"a.bin"}}"#, "does not hold it"),
        refused("a shard for nothing that it holds", r#"{"weight_map":{"v":"a.bin"}}"#, "does not hold it"),
        refused("the index for a shard", &of_shard(INDEX), "index"),
        with("a shard with a key that the index lacks", super::formats::beside(b"K\x01".to_vec()), "does not name"),
        with("a shard that is a page", b"<html>404</html>".to_vec(), "a web page"),
        with("a shard that is empty", Vec::new(), "an empty file"),
        with("a shard that is cut", good()[..good().len() / 2].to_vec(), "a.bin"),
        folder(
            "index: a shard with a call",
            INDEX,
            of_shard("a.bin").into_bytes(),
            vec![("a.bin", only(call("os", "system", &[text("id")])))],
            Verdict::Unreadable("<os.system(...)>"),
        ),
        with("an index for a shard", of_shard("a.bin").into_bytes(), ""),
        linked("a shard that is a link, as in a hub's cache", "a.bin", Verdict::Read("w")),
        linked("a shard that links to itself", "linked.bin", Verdict::Refused("cannot open the file")),
        linked("a shard that links to a folder", ".", Verdict::Refused("this is a folder")),
        linked("a shard that links to nothing", "gone.bin", Verdict::Refused("cannot open the file")),
        linked("a shard that links to a device", "/dev/zero", Verdict::Refused("a pipe or a device")),
    ]
}
