//! Archives written by hand, byte by byte: what is read, and what two readers could read differently.

mod crafted;

use crafted::{Part, archive, end_with_zip64, part};

use super::*;
use crate::checkpoint::limits::Limits;
use crate::checkpoint::source::Source;

fn open(bytes: Vec<u8>) -> Result<(Archive, Source)> {
    let source = Source::memory(bytes, Limits::default());
    Archive::open(&mut Window::new(&source)).map(|archive| (archive, source))
}

fn read(parts: &[Part], name: &str) -> Vec<u8> {
    let (archive, source) = open(archive(parts)).unwrap();
    archive.record(name).unwrap().read(&source).unwrap()
}

fn refused(parts: &[Part]) -> String {
    open(archive(parts)).unwrap_err().to_string()
}

/// The second of two entries, changed.
fn changed(change: impl FnOnce(&mut Part)) -> Vec<Part> {
    let mut second = part("a/data/0", b"hello");
    change(&mut second);
    vec![part("a/data.pkl", b"N."), second]
}

#[test]
fn records_are_found_under_any_root() {
    for root in ["archive", "x", "xxxxxxxxxxxxxxxxxxxxx", "with.dots", "ключ"] {
        let parts = [part(&format!("{root}/data.pkl"), b"N."), part(&format!("{root}/data/0"), b"")];
        assert_eq!(read(&parts, "data.pkl"), b"N.");
        assert_eq!(read(&parts, "data/0"), b"");
    }
    let folders = [part("a/", b""), part("a/data/", b""), part("a/data/0", b"x")];
    assert_eq!(read(&folders, "data/0"), b"x");
}

#[test]
fn every_form_of_data_descriptor_is_read_and_compared() {
    for (signed, wide) in [(false, false), (true, false), (false, true), (true, true)] {
        let with = |len: u32| {
            changed(|part| {
                (part.flags, part.local_flags, part.local_crc, part.local_sizes) = (0x808, 0x808, 0, [0; 2]);
                part.descriptor.extend(if signed { b"PK\x07\x08".as_slice() } else { b"" });
                part.descriptor.extend(part.crc.to_le_bytes());
                let size = if wide { u64::from(len).to_le_bytes().to_vec() } else { len.to_le_bytes().to_vec() };
                part.descriptor.extend([size.clone(), size].concat());
            })
        };
        assert_eq!(read(&with(5), "data/0"), b"hello");
        assert!(refused(&with(6)).contains("entry `a/data/0`: the data descriptor contradicts the directory"));
    }
}

#[test]
fn a_checksum_of_zero_is_none() {
    let parts = changed(|part| (part.crc, part.local_crc) = (0, 0));
    assert_eq!(read(&parts, "data/0"), b"hello");
    let (archive, source) = open(archive(&changed(|part| (part.crc, part.local_crc) = (1, 1)))).unwrap();
    assert!(archive.record("data/0").unwrap().read(&source).unwrap_err().to_string().contains("checksum"));
}

#[test]
fn zip64_fields_hold_what_is_said_to_be_in_them() {
    let wide = |sizes: &[u64]| {
        let data: Vec<u8> = sizes.iter().flat_map(|size| size.to_le_bytes()).collect();
        [&1u16.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data.as_slice()].concat()
    };
    let both = changed(|part| {
        (part.sizes, part.local_sizes) = ([u32::MAX; 2], [u32::MAX; 2]);
        (part.extra, part.local_extra) = (wide(&[5, 5]), wide(&[5, 5]));
    });
    assert_eq!(read(&both, "data/0"), b"hello");
    let without = changed(|part| part.sizes = [u32::MAX; 2]);
    assert!(refused(&without).contains("entry `a/data/0`: a size is said to be in a zip64 field, and there is none"));
    let short = changed(|part| (part.sizes, part.extra) = ([u32::MAX; 2], wide(&[5])));
    assert!(refused(&short).contains("cut short"));
    let needless = changed(|part| part.extra = wide(&[6]));
    assert!(refused(&needless).contains("holds more than the header asks for"));
    let huge = changed(|part| (part.sizes, part.extra) = ([u32::MAX; 2], wide(&[u64::MAX, u64::MAX])));
    assert!(refused(&huge).contains("entry `a/data/0`"));
    let twice = changed(|part| part.extra = [wide(&[]), wide(&[])].concat());
    assert!(refused(&twice).contains("two zip64 fields"));
    let overrun = changed(|part| part.extra = vec![9, 0, 200, 0, 1]);
    assert!(refused(&overrun).contains("cut short"));
}

#[test]
fn zip64_end_records_are_read_first_and_must_agree() {
    let plain = archive(&changed(|_| {}));
    let (archive, source) = open(end_with_zip64(plain.clone(), |_| {})).unwrap();
    assert_eq!(archive.record("data/0").unwrap().read(&source).unwrap(), b"hello");
    for field in 0..4 {
        let error = open(end_with_zip64(plain.clone(), |fields| fields[field] += 1)).unwrap_err().to_string();
        assert!(error.contains("zip64 end record: "), "{error}");
    }
}

#[test]
fn the_local_header_repeats_the_directory() {
    assert!(refused(&changed(|part| part.local_name = b"a/data/1".into())).contains("another name"));
    assert!(refused(&changed(|part| part.local_sizes = [4; 2])).contains("contradicts the directory"));
    assert!(refused(&changed(|part| part.local_crc ^= 1)).contains("contradicts the directory"));
    assert!(refused(&changed(|part| part.local_flags = 0)).contains("contradicts the directory"));
    assert!(refused(&changed(|part| part.shift = -1)).contains("entry `a/data"));
    assert!(refused(&changed(|part| part.shift = 1)).contains("entry `a/data"));
    assert!(refused(&changed(|part| part.shift = 1000)).contains("entry `a/data"));
}

#[test]
fn entries_touch_but_do_not_overlap() {
    // Two entries that share one local header.
    let twin = |shift| [part("a/data.pkl", b"N."), Part { shift, ..part("a/data.pkl", b"N.") }];
    assert!(refused(&twin(-42)).contains("the same name"));
    let mut quoted = changed(|_| {});
    quoted[0].sizes = [30; 2];
    quoted[0].local_sizes = [30; 2];
    assert!(refused(&quoted).contains("entry `a/data.pkl`: the entry overlaps the next one"));
    assert!(refused(&changed(|part| part.descriptor = vec![0; 7])).contains("bytes between this entry and the next"));
    let prefixed = [b"#!/bin/sh\n".as_slice(), &archive(&changed(|_| {}))].concat();
    assert!(open(prefixed).unwrap_err().to_string().contains("end record: the directory does not end where"));
}

#[test]
fn nothing_hides_behind_the_end_record() {
    let plain = archive(&changed(|_| {}));
    assert!(open([plain.clone(), b"more".to_vec()].concat()).unwrap_err().to_string().contains("comment"));
    // A second archive in the comment of the first: readers differ in which end record they take.
    let mut outer = plain.clone();
    let comment = archive(&[part("b/data.pkl", b"K\x01.")]);
    let at = outer.len() - 2;
    outer[at..].copy_from_slice(&(comment.len() as u16).to_le_bytes());
    assert!(open([outer.clone(), comment].concat()).is_err());
    outer[at..].copy_from_slice(&5u16.to_le_bytes());
    assert!(open([outer, b"hello".to_vec()].concat()).is_ok());
}

#[test]
fn names_are_plain_and_no_two_are_one() {
    for name in ["../x", "a/../x", "/a/x", "a//x", "a/./x", "a\\x", "a/x\0.pkl", "a/.."] {
        let error = refused(&[part("a/data.pkl", b"N."), part(name, b"")]);
        assert!(error.contains("no plain path") || error.contains("outside of the folder"), "{name}: {error}");
    }
    assert!(refused(&[part("a/data/x", b""), part("a/DATA/X", b"")]).contains("the same name"));
    assert!(refused(&[part("a/data.pkl", b""), part("b/data.pkl", b"")]).contains("everything in `a/`"));
    assert!(refused(&[part("data.pkl", b"N.")]).contains("outside of the folder"));
    let mut latin = part("a/x", b"");
    (latin.name, latin.local_name) = (b"a/\xe9".into(), b"a/\xe9".into());
    assert!(refused(&[latin]).contains("not UTF-8"));
    assert!(refused(&[]).contains("empty"));
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    assert!(refused(&changed(|part| part.flags |= 1)).contains("entry `a/data/0`: the entry is encrypted"));
    assert!(refused(&changed(|part| part.flags |= 1 << 13)).contains("encrypted"));
    assert!(refused(&changed(|part| part.flags |= 1 << 5)).contains("unknown flags"));
    assert!(refused(&changed(|part| part.method = 12)).contains("compression method"));
    assert!(refused(&changed(|part| part.mode = 0o120_777)).contains("symbolic link"));
    assert!(refused(&changed(|part| part.sizes = [5, 6])).contains("a stored entry has two sizes"));
}

#[test]
fn deflated_entries_are_bounded_before_they_are_inflated() {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&[0; 100_000]).unwrap();
    let packed = encoder.finish().unwrap();
    let with = |len: u32| {
        changed(|part| {
            let sizes = [packed.len() as u32, len];
            (part.method, part.data, part.sizes, part.local_sizes) = (8, packed.clone(), sizes, sizes);
            part.crc = crc32fast::hash(&[0; 100_000]);
            part.local_crc = part.crc;
        })
    };
    assert_eq!(read(&with(100_000), "data/0"), [0; 100_000]);
    assert!(refused(&with(u32::MAX - 1)).contains("cannot inflate to so much"));
    let limits = Limits { inflated_bytes: 1000, ..Limits::default() };
    let source = Source::memory(archive(&with(100_000)), limits);
    assert!(Archive::open(&mut Window::new(&source)).unwrap_err().to_string().contains("Limits::inflated_bytes"));
    let (archive, source) = open(archive(&with(99_999))).unwrap();
    assert!(archive.record("data/0").unwrap().read(&source).is_err());
}

#[test]
fn an_archive_cut_anywhere_is_an_error() {
    let bytes = end_with_zip64(archive(&changed(|_| {})), |_| {});
    for len in 0..bytes.len() {
        assert!(open(bytes[..len].to_vec()).is_err(), "{len}");
    }
}

#[test]
fn the_end_record_counts_the_entries() {
    for (count, expected) in [(1u16, "more entries"), (3, "fewer entries"), (0, "more entries")] {
        let mut bytes = archive(&changed(|_| {}));
        let at = bytes.len() - 14;
        bytes[at..at + 2].copy_from_slice(&count.to_le_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&count.to_le_bytes());
        let error = open(bytes).unwrap_err().to_string();
        assert!(error.contains(expected) || error.contains("cut short"), "{count}: {error}");
    }
}
