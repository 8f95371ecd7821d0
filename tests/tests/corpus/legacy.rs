//! Attacks on the legacy stream.

use super::pickle::{call, dict, floats, global, hooks, int, ints, pickle, pid, tensor_of, text};
use super::{Case, read, refused};

const MAGIC: &[u8] = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.";
const PROTOCOL: &[u8] = b"\x80\x02M\xe9\x03.";

fn tensor(numel: i64, view: &[u8]) -> Vec<u8> {
    let storage =
        pid(&[text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), int(numel), view.to_vec()]);
    tensor_of(storage, int(0), ints(&[2, 3]), ints(&[3, 1]))
}

fn stream(object: &[u8], keys: &[u8], records: &[u8]) -> Vec<u8> {
    [MAGIC, PROTOCOL, &pickle(b"}"), &pickle(object), &pickle(keys), records].concat()
}

fn record(count: i64) -> Vec<u8> {
    [count.to_le_bytes().to_vec(), floats()].concat()
}

fn object() -> Vec<u8> {
    dict(&[("w", tensor(6, b"N"))])
}

fn keys(keys: &[&str]) -> Vec<u8> {
    [b"](".to_vec(), keys.iter().flat_map(|key| text(key)).collect(), b"e".to_vec()].concat()
}

fn good() -> Vec<u8> {
    stream(&object(), &keys(&["0"]), &record(6))
}

fn wrong(name: &str, bytes: Vec<u8>, text: &'static str) -> Case {
    refused(format!("legacy: {name}"), bytes, text)
}

pub fn cases() -> Vec<Case> {
    [cuts(), heads(), key_lists(), counts(), views()].into_iter().flatten().collect()
}

/// Where the stream ends.
fn cuts() -> Vec<Case> {
    let good = good();
    let mut cases: Vec<Case> = (1..20)
        .map(|part| wrong(&format!("cut after {part} twentieths"), good[..good.len() * part / 20].to_vec(), ""))
        .collect();
    cases.extend([
        read("legacy: a good stream", good.clone(), "w"),
        wrong("bytes at the end", [good.clone(), b"more".to_vec()].concat(), "after the last storage"),
        read("legacy: another save behind it", [good.clone(), good].concat(), "w"),
    ]);
    cases
}

/// The three pickles before the object.
fn heads() -> Vec<Case> {
    let (good, head) = (good(), |parts: &[&[u8]]| parts.concat());
    let rest = &good[MAGIC.len() + PROTOCOL.len()..];
    vec![
        wrong("another magic number", head(&[&pickle(&int(7)), PROTOCOL, rest]), "not one of `torch.save`"),
        wrong(
            "a magic number made by a call",
            head(&[b"\x80\x02cm\nf\n)R.", PROTOCOL, rest]),
            "a call where a plain value",
        ),
        wrong("protocol 1000", head(&[MAGIC, &pickle(&int(1000)), rest]), "version of the stream"),
        wrong("a protocol that is a str", head(&[MAGIC, &pickle(&text("1001")), rest]), "version of the stream"),
        wrong("system information that is a list", head(&[MAGIC, PROTOCOL, &pickle(b"]"), &rest[4..]]), "no dict"),
        wrong(
            "a persistent id in the header",
            head(&[MAGIC, PROTOCOL, b"\x80\x02)Q.", &rest[4..]]),
            "a persistent id where",
        ),
    ]
}

fn key_lists() -> Vec<Case> {
    vec![
        wrong("keys that are a dict", stream(&object(), b"}", &record(6)), "no list"),
        wrong(
            "a key that is a number",
            stream(&object(), &[b"](", &int(0)[..], b"e"].concat(), &record(6)),
            "no string",
        ),
        wrong("a key that no tensor uses", stream(&object(), &keys(&["1"]), &record(6)), "no tensor uses it"),
        wrong("no keys", stream(&object(), &keys(&[]), &[]), "not in the file"),
        wrong("a key twice", stream(&object(), &keys(&["0", "0"]), &[record(6), record(6)].concat()), "listed twice"),
        wrong(
            "a bomb of keys",
            stream(&object(), &[b"]q\0(h\0h\0h\0h\0e".to_vec()].concat(), &record(6)),
            "holds itself",
        ),
        wrong(
            "a call in the keys",
            stream(&object(), &call("os", "system", &[text("x")]), &record(6)),
            "a call where a plain value",
        ),
        wrong("hooks", stream(&hooks(), &keys(&["0"]), &record(6)), "no tensor uses it"),
    ]
}

/// The numbers of elements before the data.
fn counts() -> Vec<Case> {
    vec![
        wrong("a count of -1", stream(&object(), &keys(&["0"]), &record(-1)), "another length"),
        wrong("a count of 2^62", stream(&object(), &keys(&["0"]), &record(1 << 62)), "another length"),
        wrong("a count that differs", stream(&object(), &keys(&["0"]), &record(5)), "another length"),
        wrong(
            "2^60 elements that are not there",
            stream(&dict(&[("w", tensor(1 << 60, b"N"))]), &keys(&["0"]), &record(1 << 60)),
            "ends in its data",
        ),
    ]
}

/// Slices of storages.
fn views() -> Vec<Case> {
    let view = |key: &str, offset: i64, numel: i64| {
        [b"(".to_vec(), text(key), int(offset), int(numel), b"t".to_vec()].concat()
    };
    vec![
        wrong(
            "a view past the end",
            stream(&dict(&[("w", tensor(6, &view("1", 1, 6)))]), &keys(&["0"]), &record(6)),
            "view of the storage is invalid",
        ),
        wrong(
            "a view from -1",
            stream(&dict(&[("w", tensor(6, &view("1", -1, 6)))]), &keys(&["0"]), &record(6)),
            "view of the storage is invalid",
        ),
        wrong(
            "a view of 2^62 elements",
            stream(&dict(&[("w", tensor(6, &view("1", 0, 1 << 62)))]), &keys(&["0"]), &record(6)),
            "view of the storage is invalid",
        ),
        wrong(
            "a view that is a number",
            stream(&dict(&[("w", tensor(6, &int(1)))]), &keys(&["0"]), &record(6)),
            "view of the storage is invalid",
        ),
    ]
}
