//! Attacks on safetensors.

use super::pickle::floats;
use super::{Case, read, refused, unreadable};

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// The good header.
const HEADER: &str = r#"{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#;

fn one(dtype: &str, shape: &str, offsets: &str) -> Vec<u8> {
    json(&format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#))
}

fn json(text: &str) -> Vec<u8> {
    file(text, &floats())
}

/// The entry of the good header.
fn inner() -> &'static str {
    &HEADER[1..HEADER.len() - 1]
}

fn wrong(name: &str, bytes: Vec<u8>, text: &'static str) -> Case {
    refused(format!("safetensors: {name}"), bytes, text)
}

pub fn cases() -> Vec<Case> {
    [cuts(), numbers(), headers(), entries(), places(), sizes()].into_iter().flatten().collect()
}

fn cuts() -> Vec<Case> {
    let good = json(HEADER);
    let mut cases: Vec<Case> = (1..20)
        .map(|part| wrong(&format!("cut after {part} twentieths"), good[..good.len() * part / 20].to_vec(), ""))
        .collect();
    cases.extend([
        read("safetensors: good", good.clone(), "w"),
        read("safetensors: a header padded with spaces", json(&format!("{HEADER}      ")), "w"),
        wrong("bytes behind the data", [good.clone(), vec![0]].concat(), "after the last tensor"),
    ]);
    cases
}

/// What is no shape and no range.
fn numbers() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, shape) in [
        ("a float", "[2.0,3]"),
        ("a negative size", "[-2,3]"),
        ("a str", "[\"2\",3]"),
        ("2^64", "[18446744073709551616]"),
        ("no list", "6"),
        ("null", "null"),
    ] {
        cases.push(wrong(&format!("{name} for the shape"), one("F32", shape, "[0,24]"), "key `w`"));
    }
    for (name, offsets) in [
        ("reversed", "[24,0]"),
        ("negative", "[-1,24]"),
        ("past the end", "[0,25]"),
        ("2^63", "[0,9223372036854775808]"),
        ("a hole before it", "[4,24]"),
        ("three of them", "[0,24,24]"),
        ("one of them", "[24]"),
        ("a float", "[0,24.0]"),
        ("short", "[0,20]"),
    ] {
        cases.push(wrong(&format!("offsets: {name}"), one("F32", "[2,3]", offsets), ""));
    }
    cases
}

/// The length of the header, and what it is.
fn headers() -> Vec<Case> {
    let claims = |len: u64| [&len.to_le_bytes()[..], HEADER.as_bytes(), &floats()].concat();
    vec![
        wrong("a header past the end", claims(1 << 20), "ends in its header"),
        wrong("a header over the limit", claims(1 << 40), "the header is too long"),
        wrong("a header of 2^64-1", claims(u64::MAX), ""),
        wrong("a header that is cut by its length", claims(HEADER.len() as u64 - 1), "not valid"),
        wrong("a header that reaches into the data", claims(HEADER.len() as u64 + 4), ""),
        wrong("a space before the header", json(&format!(" {HEADER}")), ""),
        wrong("no JSON", json("{\"w\":"), "not valid"),
        wrong("two documents", json(&format!("{HEADER}{{}}")), "not valid"),
        wrong("NUL behind the header", json(&format!("{HEADER}\0\0")), "not valid"),
        wrong("a list for the header", json("[]"), ""),
        wrong("deep nesting", json(&format!("{{\"w\":{}}}", "[".repeat(100_000))), "not valid"),
    ]
}

/// Keys and fields.
fn entries() -> Vec<Case> {
    let (header, inner) = (HEADER, inner());
    vec![
        wrong("a key twice", json(&format!("{{{inner},{inner}}}")), "twice"),
        wrong(
            "a key twice, once escaped",
            json(&format!("{{{inner},{}}}", inner.replace("\"w\"", "\"\\u0077\""))),
            "twice",
        ),
        wrong("a field twice", json(&header.replace("\"shape\"", "\"dtype\":\"F32\",\"shape\"")), "twice"),
        wrong("a field that nobody knows", json(&header.replace("\"shape\"", "\"x\":1,\"shape\"")), "unknown field"),
        wrong("no dtype", json(&header.replace("\"dtype\":\"F32\",", "")), "missing field"),
        wrong("no shape", json(&header.replace("\"shape\":[2,3],", "")), "missing field"),
        wrong("no offsets", json(&header.replace(",\"data_offsets\":[0,24]", "")), "missing field"),
        wrong("a header that is not UTF-8", [&2u64.to_le_bytes()[..], b"{\xff", &floats()].concat(), ""),
        wrong("metadata that is a number", json(&format!("{{\"__metadata__\":1,{inner}}}")), "__metadata__"),
        wrong(
            "metadata with a number in it",
            json(&format!("{{\"__metadata__\":{{\"a\":1}},{inner}}}")),
            "__metadata__",
        ),
        wrong(
            "metadata with a key twice",
            json(&format!("{{\"__metadata__\":{{\"a\":\"\",\"a\":\"\"}},{inner}}}")),
            "twice",
        ),
    ]
}

/// Where the tensors are.
fn places() -> Vec<Case> {
    let inner = inner();
    vec![
        wrong(
            "two tensors in one place",
            json(&format!("{{{inner},{}}}", inner.replace("\"w\"", "\"v\""))),
            "overlaps",
        ),
        wrong(
            "30 000 tensors in one place",
            json(&format!(
                "{{{}}}",
                (0..30_000).map(|at| inner.replace("\"w\"", &format!("\"{at}\""))).collect::<Vec<_>>().join(",")
            )),
            "overlaps",
        ),
        read(
            "safetensors: no elements",
            json(&format!("{{\"e\":{{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[0,0]}},{inner}}}")),
            "[0, 3]",
        ),
    ]
}

fn sizes() -> Vec<Case> {
    vec![
        wrong("sizes whose product is 2^64", one("F32", "[4294967296,4294967296]", "[0,24]"), "overflow"),
        wrong("a zero that hides an overflow", one("F32", "[0,9223372036854775807,9]", "[0,24]"), ""),
        wrong("a shape that needs more bytes", one("F32", "[7]", "[0,24]"), "do not fit its shape"),
        wrong("a shape that needs fewer bytes", one("F32", "[5]", "[0,24]"), "do not fit its shape"),
        wrong("half a byte", one("F4", "[47]", "[0,24]"), "do not fit its shape"),
        wrong("six bits", one("F6_E2M3", "[31]", "[0,24]"), "do not fit its shape"),
        wrong("65 dimensions", one("F32", &format!("[{}1]", "1,".repeat(64)), "[0,24]"), "rank"),
        unreadable("safetensors: a dtype that nobody knows", one("F3", "[6]", "[0,24]"), "elements of type `F3`"),
    ]
}
