//! PyTorch archives with storages and views of any kind.

#[path = "../corpus/pickle.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod pickle;
#[path = "../corpus/zip.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod zip;

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use pickle::{dict, int, ints, storage_of, tensor_of};
use zip::Part;

/// A storage: its class, the size of its elements, its bytes.
#[derive(Clone)]
pub struct Storage {
    pub class: &'static str,
    pub itemsize: usize,
    pub bytes: Vec<u8>,
}

/// A view of a storage: offset, sizes, strides, in elements.
#[derive(Clone, Debug)]
pub struct View {
    pub storage: usize,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

/// How the records of the storages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// With a checksum, as `torch.save` does.
    Checked,
    /// With a checksum of zero, which stands for none.
    Unchecked,
    Deflated,
    /// By a machine with the other order of bytes.
    BigEndian,
}

impl Records {
    pub const ALL: [Self; 4] = [Self::Checked, Self::Unchecked, Self::Deflated, Self::BigEndian];
}

/// A file with the views as entries `0`, `1`, ...
pub fn archive(storages: &[Storage], views: &[View], records: Records) -> Vec<u8> {
    let names: Vec<String> = (0..views.len()).map(|number| number.to_string()).collect();
    let entries: Vec<_> = names.iter().zip(views).map(|(name, view)| (name.as_str(), entry(storages, view))).collect();
    let mut parts = vec![Part::new("a/data.pkl", &pickle::pickle(&dict(&entries)))];
    let order: &[u8] = if records == Records::BigEndian { b"big" } else { b"little" };
    parts.push(Part::new("a/byteorder", order));
    parts.extend(storages.iter().enumerate().map(|(number, storage)| record(number, storage, records)));
    parts.push(Part::new("a/version", b"3\n"));
    zip::archive(&parts)
}

fn entry(storages: &[Storage], view: &View) -> Vec<u8> {
    let storage = &storages[view.storage];
    let numel = storage.bytes.len() / storage.itemsize;
    let pid = storage_of(storage.class, &view.storage.to_string(), numel as i64);
    let numbers = |numbers: &[usize]| ints(&numbers.iter().map(|number| *number as i64).collect::<Vec<_>>());
    tensor_of(pid, int(view.offset as i64), numbers(&view.shape), numbers(&view.strides))
}

fn record(number: usize, storage: &Storage, records: Records) -> Part {
    let name = format!("a/data/{number}");
    let mut part = Part::new(&name, &storage.bytes);
    match records {
        Records::Checked | Records::BigEndian => {}
        Records::Unchecked => (part.crc, part.local_crc) = (0, 0),
        Records::Deflated => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&storage.bytes).unwrap();
            part.data = encoder.finish().unwrap();
            (part.method, part.local_method) = (8, 8);
            let sizes = [part.data.len() as u32, storage.bytes.len() as u32];
            (part.sizes, part.local_sizes) = (sizes, sizes);
        }
    }
    part
}
