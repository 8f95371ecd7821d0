//! Files that are no checkpoint at all, and what each seems to be.

use super::formats::good;
use super::{Case, refused};

pub fn cases() -> Vec<Case> {
    let is = |name: &str, bytes: &[u8], text: &'static str| {
        refused(format!("not a checkpoint: {name}"), bytes.to_vec(), text)
    };
    let noise: Vec<u8> = (0..4096u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect();
    let mut cases = vec![
        is("empty", b"", "an empty file"),
        is("one byte", b"P", ""),
        is("a NUL", b"\0", "zeros"),
        is("zeros", &[0; 5000], "zeros"),
        is("text", b"hello, world, this is text\n", "a text file"),
        is("a web page", b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        is("a web page behind a newline", b"\n\n  <html>", "a web page"),
        is("XML", b"<?xml version=\"1.0\"?><Error/>", "a web page"),
        is("a Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
        is("gzip", b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        is("bzip2", b"BZh91AY&SY", "bzip2"),
        is("xz", b"\xfd7zXZ\0\0\x04", "xz"),
        is("zstd", b"\x28\xb5\x2f\xfd\0\0", "zstd"),
        is("7-Zip", b"7z\xbc\xaf\x27\x1c\0\x04", "7-Zip"),
        is("RAR", b"Rar!\x1a\x07\x01\0", "RAR"),
        is("GGUF", b"GGUF\x03\0\0\0\0\0\0\0", "GGUF"),
        is("NumPy", b"\x93NUMPY\x01\0v\0{'descr'", "numpy"),
        is("HDF5", b"\x89HDF\r\n\x1a\n\0\0", "HDF5"),
        is("ELF", b"\x7fELF\x02\x01\x01\0\0\0", "a program"),
        is("an empty zip archive", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "empty zip"),
        is("a spanned zip archive", b"PK\x07\x08PK\x03\x04", "spans several files"),
        is("JSON that is no index", b"{\"a\": 1}", "no index of shards"),
        is("JSON that is cut", b"{\"weight_map\": {\"a\"", "no index of shards"),
        is("a pickle of something else", b"\x80\x04\x95\x05\0\0\0\0\0\0\0}\x94.", ""),
        is("noise", &noise, "the format is unknown"),
        is("an index in memory", b"{\"weight_map\": {\"w\": \"a.safetensors\"}}", "open it by its path"),
    ];
    for count in [1, 2, 3, 7, 100] {
        cases.push(is(&format!("{count} bytes before a zip archive"), &[vec![b'#'; count], good()].concat(), ""));
    }
    cases
}
