//! Attacks on the tar format.

mod parts;

use super::pickle::{floats, global, int, pickle, text, tuple};
use super::{Case, read, refused};

#[derive(Clone)]
struct Member {
    name: &'static str,
    data: Vec<u8>,
    kind: u8,
    size: Vec<u8>,
    prefix: &'static str,
    sum: Option<u32>,
}

fn member(name: &'static str, data: Vec<u8>) -> Member {
    let size = format!("{:011o}\0", data.len()).into_bytes();
    Member { name, data, kind: b'0', size, prefix: "", sum: None }
}

fn archive(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        let mut block = [0u8; 512];
        block[..member.name.len()].copy_from_slice(member.name.as_bytes());
        block[100..108].copy_from_slice(b"0000644\0");
        block[124..124 + member.size.len()].copy_from_slice(&member.size);
        block[136..148].copy_from_slice(b"00000000000\0");
        block[148..156].fill(b' ');
        block[156] = member.kind;
        block[257..265].copy_from_slice(b"ustar\x0000");
        block[345..345 + member.prefix.len()].copy_from_slice(member.prefix.as_bytes());
        let sum = member.sum.unwrap_or_else(|| block.iter().map(|byte| u32::from(*byte)).sum());
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(block);
        out.extend(&member.data);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out.resize(out.len().next_multiple_of(10_240), 0);
    out
}

fn storages(numel: i64, views: &[u8]) -> Vec<u8> {
    let about = tuple(&[int(1), text("cpu"), global("torch", "FloatStorage")]);
    [pickle(&int(1)), pickle(&about), numel.to_le_bytes().to_vec(), floats(), pickle(views)].concat()
}

fn tensors(rank: i32, numbers: &[i64]) -> Vec<u8> {
    let about = tuple(&[int(2), int(1), global("torch", "FloatTensor")]);
    let numbers = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    [pickle(&int(1)), pickle(&about), rank.to_le_bytes().to_vec(), vec![0; 4], numbers].concat()
}

/// Bytes of the good archive without its padding: three headers, three members of a block, two blocks of zeros.
const CONTENT: usize = 8 * 512;

const NUMBERS: &[i64] = &[2, 3, 3, 1, 0];

fn object(id: &str) -> Vec<u8> {
    pickle(&[b"}".to_vec(), text("w"), text(id), b"Qs".to_vec()].concat())
}

fn all() -> Vec<Member> {
    vec![member("storages", storages(6, b"]")), member("tensors", tensors(2, NUMBERS)), member("pickle", object("2"))]
}

fn with(at: usize, change: impl FnOnce(&mut Member)) -> Vec<u8> {
    let mut all = all();
    change(&mut all[at]);
    archive(&all)
}

fn wrong(name: &str, bytes: Vec<u8>, text: &'static str) -> Case {
    refused(format!("tar: {name}"), bytes, text)
}

fn sized(size: &[u8]) -> Vec<u8> {
    with(0, |member| member.size = size.to_vec())
}

/// With other data in a member.
fn data(at: usize, data: Vec<u8>) -> Vec<u8> {
    let mut all = all();
    all[at] = member(all[at].name, data);
    archive(&all)
}

fn added(at: usize, member: Member) -> Vec<u8> {
    let mut all = all();
    all.insert(at, member);
    archive(&all)
}

/// With an extended header before the first member.
fn extended(text: &[u8]) -> Vec<u8> {
    added(0, Member { kind: b'x', ..member("PaxHeader", text.to_vec()) })
}

fn pax(text: &str) -> Vec<u8> {
    let line = |len: usize| format!("{len} {text}\n");
    let len = (0..200).find(|len| line(*len).len() == *len).unwrap();
    extended(line(len).as_bytes())
}

pub fn cases() -> Vec<Case> {
    [cuts(), members(), headers(), extended_headers(), storage_members(), tensor_members(), parts::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Where the archive ends.
fn cuts() -> Vec<Case> {
    let good = archive(&all());
    let mut cases: Vec<Case> = (1..10)
        .map(|part| wrong(&format!("cut after {part} tenths"), good[..CONTENT * part / 10].to_vec(), ""))
        .collect();
    cases.extend([
        read("tar: good", good.clone(), "w"),
        read("tar: without padding", good[..CONTENT].to_vec(), "w"),
        wrong("one block of zeros at the end", good[..CONTENT - 512].to_vec(), "does not end"),
        wrong("padding that is cut inside a block", good[..CONTENT + 100].to_vec(), "does not end"),
        wrong("more padding than a record", [good.clone(), vec![0; 10_240]].concat(), "does not end"),
        wrong("bytes behind the end", [good.clone(), vec![1; 10_240]].concat(), ""),
        wrong("another archive behind the end", [good.clone(), good].concat(), ""),
    ]);
    cases
}

/// Which members there are.
fn members() -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, what) in [
        (b'1', "a link"),
        (b'2', "a link"),
        (b'3', "special"),
        (b'5', "a folder"),
        (b'6', "special"),
        (b'7', "special"),
        (b'S', "sparse"),
        (b'L', "a long name"),
        (b'g', "extended header"),
    ] {
        cases.push(wrong(&format!("type {}", char::from(kind)), with(1, |member| member.kind = kind), what));
    }
    for name in ["../pickle", "/pickle", "./pickle", "x/pickle", "pickle/", "PICKLE", "data"] {
        cases.push(wrong(
            &format!("a member named {name:?}"),
            added(3, member(name, vec![1; 9])),
            "not one that PyTorch wrote",
        ));
    }
    for at in 0..3 {
        let mut all = all();
        let gone = all.remove(at);
        cases.push(wrong(&format!("no {}", gone.name), archive(&all), "lacks a member"));
        all.extend([gone.clone(), gone.clone()]);
        cases.push(wrong(&format!("two {}", gone.name), archive(&all), "there twice"));
    }
    cases
}

fn headers() -> Vec<Case> {
    vec![
        wrong("a size in base 256", sized(b"\x80\0\0\0\0\0\0\0\0\0\0\x64"), "not octal"),
        wrong("a negative size in base 256", sized(&[0xff; 12]), "not octal"),
        wrong("a size with a minus", sized(b"-0000000100\0"), "not octal"),
        wrong("a size of 8 GiB", sized(b"77777777777\0"), "past the end of the file"),
        wrong("no size", sized(&[0; 12]), "not octal"),
        wrong("a wrong checksum", with(1, |member| member.sum = Some(1)), "checksum of a tar header"),
        wrong("a prefix", with(2, |member| member.prefix = "folder"), "not one that PyTorch wrote"),
    ]
}

fn extended_headers() -> Vec<Case> {
    vec![
        read("tar: an extended header with the time", pax("mtime=1500000000.25"), "w"),
        wrong("an extended header with another size (CVE-2025-62518)", pax("size=1"), "another size"),
        wrong("an extended header with another name", pax("path=../../etc/passwd"), "another name"),
        wrong("an extended header of a sparse file", pax("GNU.sparse.size=1099511627776"), "never wrote"),
        wrong("an extended header with a link", pax("linkpath=/etc/passwd"), "never wrote"),
        wrong("an extended header without a length", extended(b"mtime=1\n"), "malformed"),
        wrong("an extended header with a length past its end", extended(b"99 mtime=1\n"), "malformed"),
        wrong("two extended headers", extended(b"11 mtime=1\n").repeat(2), ""),
    ]
}

fn storage_members() -> Vec<Case> {
    vec![
        wrong("2^40 storages", data(0, pickle(&int(1 << 40))), "count is out of range"),
        wrong("-1 storages", data(0, pickle(&int(-1))), "count is out of range"),
        wrong("a storage of -1 elements", data(0, storages(-1, b"]")), "out of range"),
        wrong("a storage of 2^62 elements", data(0, storages(1 << 62, b"]")), "out of range"),
        wrong("a storage past the end of its member", data(0, storages(600, b"]")), "the member ends early"),
        wrong("views that are a dict", data(0, storages(6, b"}")), "no list"),
        wrong(
            "a view past the end",
            data(0, storages(6, &[b"](".to_vec(), tuple(&[int(9), int(1), int(1), int(6)]), b"e".to_vec()].concat())),
            "view of the storage is invalid",
        ),
        wrong(
            "a view of no storage",
            data(0, storages(6, &[b"](".to_vec(), tuple(&[int(9), int(7), int(0), int(1)]), b"e".to_vec()].concat())),
            "no such storage",
        ),
        wrong("a call in the storages", data(0, b"\x80\x02cos\nsystem\n)R.".to_vec()), "a call where a plain value"),
    ]
}

/// The tensors, and the pickle that names them.
fn tensor_members() -> Vec<Case> {
    vec![
        wrong("a rank of -1", data(1, tensors(-1, NUMBERS)), "number of dimensions"),
        wrong("a rank of 2^31-1", data(1, tensors(i32::MAX, NUMBERS)), "too many dimensions"),
        wrong("a negative size", data(1, tensors(2, &[-2, 3, 3, 1, 0])), "out of range"),
        wrong("a negative offset", data(1, tensors(2, &[2, 3, 3, 1, -1])), "out of range"),
        wrong("a tensor past the end", data(1, tensors(2, &[3, 3, 3, 1, 0])), "past the end of its storage"),
        wrong("a tensor of 2^62 rows", data(1, tensors(2, &[1 << 62, 3, 3, 1, 0])), "overflow"),
        wrong("bytes behind the tensors", data(1, tensors(2, &[2, 3, 3, 1, 0, 7])), "after the last part"),
        wrong("a tensor without its numbers", data(1, tensors(2, &[2, 3])), "the member ends early"),
        wrong("an id of no tensor", data(2, object("3")), "no number of a tensor"),
        wrong("an id that is no number", data(2, object("x")), "no number of a tensor"),
        wrong("bytes behind the pickle", data(2, [object("2"), b"}".to_vec()].concat()), "after the last part"),
    ]
}
