//! Attacks on the zip container.

use std::io::Write;

use super::formats::{good, parts};
use super::pickle::{dict, floats, pickle, tensor};
use super::zip::{Part, archive};
use super::{Case, read, refused};

pub fn cases() -> Vec<Case> {
    [cuts(), entries(), names(), records(), inflation(), outside()].into_iter().flatten().collect()
}

fn all() -> Vec<Part> {
    parts(pickle(&dict(&[("w", tensor())])))
}

/// The good archive with its storage's entry changed.
fn changed(change: impl FnOnce(&mut Part)) -> Vec<u8> {
    let mut all = all();
    change(&mut all[2]);
    archive(&all)
}

fn wrong(name: &str, bytes: Vec<u8>, text: &'static str) -> Case {
    refused(format!("zip: {name}"), bytes, text)
}

fn cuts() -> Vec<Case> {
    let good = good();
    (1..20)
        .map(|part| wrong(&format!("cut after {part} twentieths"), good[..good.len() * part / 20].to_vec(), ""))
        .collect()
}

fn zip64(values: &[u64]) -> Vec<u8> {
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    [&1u16.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), &data].concat()
}

fn entries() -> Vec<Case> {
    [methods(), end_records(), local_headers(), zip64_fields(), places()].into_iter().flatten().collect()
}

/// Compression methods and flags.
fn methods() -> Vec<Case> {
    let mut cases: Vec<Case> = [1u16, 12, 14, 9, 93, 95, 98, 99, 0xffff]
        .iter()
        .map(|method| {
            wrong(
                &format!("method {method}"),
                changed(|part| (part.method, part.local_method) = (*method, *method)),
                "compression method",
            )
        })
        .collect();
    for (bit, text) in [
        (0, "encrypted"),
        (6, "encrypted"),
        (13, "encrypted"),
        (5, "unknown flags"),
        (4, "unknown flags"),
        (15, "unknown flags"),
    ] {
        let flag = 0x800 | 1 << bit;
        cases.push(wrong(&format!("flag {bit}"), changed(|part| (part.flags, part.local_flags) = (flag, flag)), text));
    }
    cases
}

fn end_records() -> Vec<Case> {
    let end = |at: usize, bytes: &[u8]| {
        let mut file = good();
        let start = file.len() - 22 + at;
        file[start..start + bytes.len()].copy_from_slice(bytes);
        file
    };
    vec![
        wrong("too few entries counted", end(8, &[3, 0, 3, 0]), "more entries"),
        wrong("too many entries counted", end(8, &[5, 0, 5, 0]), ""),
        wrong("65535 entries counted", end(8, &[0xff; 4]), "fewer entries"),
        wrong("entries on two disks", end(8, &[3, 0, 4, 0]), "several disks"),
        wrong("the end on disk 1", end(4, &[1, 0, 0, 0]), "several disks"),
        wrong("a directory of 4 GiB", end(12, &[0xff; 4]), "does not end where"),
        wrong("a directory past the end", end(16, &[0xff, 0xff, 0xff, 0x7f]), "does not end where"),
        wrong("a directory one byte earlier", end(16, &[0]), "does not end where"),
        wrong("a comment that is not there", end(20, &[9, 0]), "comment"),
    ]
}

fn local_headers() -> Vec<Case> {
    let contradicts = "contradicts the directory";
    vec![
        wrong("another local name", changed(|part| part.local_name = b"a/data/1".into()), "another name"),
        wrong("another local method", changed(|part| part.local_method = 8), contradicts),
        wrong("other local flags", changed(|part| part.local_flags = 0), contradicts),
        wrong("another local size", changed(|part| part.local_sizes = [20; 2]), contradicts),
        wrong("another local CRC", changed(|part| part.local_crc ^= 1), contradicts),
        wrong("two sizes of a stored entry", changed(|part| part.sizes = [24, 25]), "two sizes"),
    ]
}

fn zip64_fields() -> Vec<Case> {
    vec![
        wrong("a size of 4 GiB without zip64", changed(|part| part.sizes = [u32::MAX; 2]), "zip64"),
        wrong(
            "a size of 2^64-1",
            changed(|part| (part.sizes, part.extra) = ([u32::MAX; 2], zip64(&[u64::MAX; 2]))),
            "entry `a/data/0`",
        ),
        wrong(
            "a short zip64 field",
            changed(|part| (part.sizes, part.extra) = ([u32::MAX; 2], zip64(&[24]))),
            "cut short",
        ),
        wrong(
            "a zip64 field that nothing asks for",
            changed(|part| part.extra = zip64(&[7])),
            "more than the header asks for",
        ),
        wrong("two zip64 fields", changed(|part| part.extra = [zip64(&[]), zip64(&[])].concat()), "two zip64 fields"),
        wrong("an extra field past the end", changed(|part| part.extra = vec![9, 0, 200, 0, 1]), "cut short"),
    ]
}

/// What an entry is, and where.
fn places() -> Vec<Case> {
    vec![
        wrong("a symbolic link", changed(|part| part.mode = 0o120_777 << 16), "symbolic link"),
        wrong(
            "the attribute of a folder, which PyTorch reads as zeros",
            changed(|part| part.mode = 0x10),
            "attribute of a folder",
        ),
        wrong("an entry of another disk", changed(|part| part.disk = 1), "another disk"),
        wrong("a header one byte early", changed(|part| part.shift = -1), "entry `a/"),
        wrong("a header one byte late", changed(|part| part.shift = 1), "entry `a/"),
        wrong("a header far away", changed(|part| part.shift = 1 << 30), "entry `a/"),
        wrong("seven bytes between entries", changed(|part| part.descriptor = vec![0; 7]), "between this entry"),
        wrong(
            "a descriptor that lies",
            changed(|part| {
                (part.flags, part.local_flags, part.local_crc, part.local_sizes) = (0x808, 0x808, 0, [0; 2]);
                part.descriptor = [b"PK\x07\x08".to_vec(), vec![0; 12]].concat();
            }),
            "descriptor contradicts",
        ),
        wrong(
            "an entry over the next one",
            changed(|part| (part.sizes, part.local_sizes) = ([60; 2], [60; 2])),
            "overlaps the next",
        ),
        wrong("two entries on one header", shared_header(), "entry `a/"),
        read("zip: a CRC of zero is none", changed(|part| (part.crc, part.local_crc) = (0, 0)), "w"),
    ]
}

/// The second entry points at the first one's header (CVE-2024-0450).
fn shared_header() -> Vec<u8> {
    let mut all = all();
    let first = (30 + all[0].name.len() + all[0].data.len()) as i64;
    all[1].shift = -first;
    archive(&all)
}

fn names() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["a/../x", "a/../../x", "a//x", "a/./x", "a\\x", "a/x\0y", "a/..", "/a/x", "../x", "C:/x", "b/x", "x"] {
        let mut all = all();
        all.push(Part::new(name, b"x"));
        cases.push(wrong(&format!("an entry named {name:?}"), archive(&all), ""));
    }
    let twice = |name: &str, data: &[u8]| {
        let mut all = all();
        all.push(Part::new(name, data));
        archive(&all)
    };
    let mut latin = all();
    latin.push(Part { name: b"a/\xe9".into(), local_name: b"a/\xe9".into(), ..Part::new("a/x", b"") });
    cases.extend([
        wrong("two data.pkl", twice("a/data.pkl", &pickle(b"}")), "the same name"),
        wrong("two storages 0", twice("a/data/0", &floats()), "the same name"),
        wrong("data.pkl and DATA.PKL", twice("a/DATA.PKL", &pickle(b"}")), "the same name"),
        wrong("two roots", twice("b/data.pkl", &pickle(b"}")), "outside of the folder"),
        wrong("a name that is not UTF-8", archive(&latin), "not UTF-8"),
        wrong("a folder with contents", twice("a/data/", b"x"), "a folder has contents"),
        read("zip: a folder without contents", twice("a/data/", b""), "w"),
        wrong("no root", archive(&[Part::new("data.pkl", b"N.")]), "outside of the folder"),
        wrong("no entries", archive(&[]), "empty"),
        wrong("no data.pkl", archive(&all()[1..]), "no `data.pkl`"),
        wrong("another zip file in it", archive(&[Part::new("a/net.zip", &good())]), "no `data.pkl`"),
    ]);
    cases
}

fn records() -> Vec<Case> {
    let record = |at: usize, name: &str, data: &[u8]| {
        let mut all = all();
        all[at] = Part::new(name, data);
        archive(&all)
    };
    let without = |at: usize| {
        let mut all = all();
        all.remove(at);
        archive(&all)
    };
    let mut cases = Vec::new();
    for version in ["0", "11", "99999999999999999999", "-1", "abc", "", "3.0", "0x3"] {
        cases.push(wrong(&format!("version {version:?}"), record(3, "a/version", version.as_bytes()), "version"));
    }
    for order in ["middle", "LITTLE", "", "little\n"] {
        cases.push(wrong(&format!("byte order {order:?}"), record(1, "a/byteorder", order.as_bytes()), "byte order"));
    }
    cases.extend([
        wrong("no version", without(3), "version"),
        wrong("no storage", without(2), "has no record"),
        read("zip: no byte order", without(1), "w"),
        read("zip: version 10", record(3, "a/version", b"10"), "w"),
        wrong("a flipped bit in data.pkl", changed_data(0), "checksum"),
        wrong("a flipped bit in a storage", changed_data(2), "checksum"),
        wrong("a version of a megabyte", record(3, "a/version", &vec![b'3'; 1 << 20]), "version"),
    ]);
    cases
}

fn changed_data(at: usize) -> Vec<u8> {
    let mut all = all();
    let last = all[at].data.len() - 2;
    all[at].data[last] ^= 1;
    archive(&all)
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflated(len: u32, packed: Vec<u8>) -> Vec<u8> {
    changed(|part| {
        let sizes = [packed.len() as u32, len];
        (part.method, part.local_method, part.data, part.sizes, part.local_sizes) = (8, 8, packed, sizes, sizes);
    })
}

fn inflation() -> Vec<Case> {
    let other = "inflates to another length";
    vec![
        read("zip: a deflated storage", deflated(24, deflate(&floats())), "w"),
        wrong("a deflated storage that is longer", deflated(24, deflate(&[floats(), vec![0]].concat())), other),
        wrong("a deflated storage that is shorter", deflated(24, deflate(&floats()[..23])), other),
        wrong("a bomb of a megabyte under a storage of 24 bytes", deflated(24, deflate(&vec![0; 1 << 20])), other),
        wrong("a bomb that is declared", deflated(1 << 30, deflate(&vec![0; 1 << 20])), ""),
        wrong("more than deflate can make", deflated(u32::MAX - 1, deflate(&floats())), "cannot inflate to so much"),
        wrong("no deflate stream", deflated(24, vec![0xff; 20]), "no deflate stream"),
        wrong("a deflate stream that is cut", deflated(24, deflate(&floats())[..5].to_vec()), ""),
    ]
}

fn outside() -> Vec<Case> {
    let good = good();
    let other = archive(&[Part::new("b/data.pkl", &pickle(b"}"))]);
    let mut commented = good.clone();
    let at = commented.len() - 2;
    commented[at..].copy_from_slice(&(other.len() as u16).to_le_bytes());
    let mut plain = good.clone();
    plain[at..].copy_from_slice(&5u16.to_le_bytes());
    vec![
        wrong("another archive in the comment", [commented, other.clone()].concat(), ""),
        wrong("another archive behind it", [good.clone(), other.clone()].concat(), ""),
        wrong("another archive before it", [other, good.clone()].concat(), ""),
        wrong("a script before it", [b"#!/bin/sh\n".to_vec(), good.clone()].concat(), ""),
        wrong("bytes behind it", [good, b"more".to_vec()].concat(), ""),
        read("zip: a comment", [plain, b"hello".to_vec()].concat(), "w"),
    ]
}
