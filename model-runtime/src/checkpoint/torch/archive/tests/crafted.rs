//! Archives with every field that a hostile writer could set to something else.

/// An entry, and every field that a hostile writer could set to something else.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) name: Vec<u8>,
    pub(super) local_name: Vec<u8>,
    pub(super) data: Vec<u8>,
    pub(super) flags: u16,
    pub(super) local_flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Stored and inflated size in the directory, and in the local header.
    pub(super) sizes: [u32; 2],
    pub(super) local_sizes: [u32; 2],
    pub(super) local_crc: u32,
    pub(super) extra: Vec<u8>,
    pub(super) local_extra: Vec<u8>,
    pub(super) descriptor: Vec<u8>,
    pub(super) mode: u32,
    /// Added to the offset of the local header in the directory.
    pub(super) shift: i64,
}

pub(super) fn part(name: &str, data: &[u8]) -> Part {
    let (len, crc) = (data.len() as u32, crc32fast::hash(data));
    Part {
        name: name.into(),
        local_name: name.into(),
        data: data.into(),
        flags: 0x800,
        local_flags: 0x800,
        method: 0,
        crc,
        sizes: [len; 2],
        local_sizes: [len; 2],
        local_crc: crc,
        extra: Vec::new(),
        local_extra: Vec::new(),
        descriptor: Vec::new(),
        mode: 0,
        shift: 0,
    }
}

pub(super) fn header(out: &mut Vec<u8>, shorts: &[u16], longs: &[u32]) {
    shorts.iter().for_each(|short| out.extend(short.to_le_bytes()));
    longs.iter().for_each(|long| out.extend(long.to_le_bytes()));
}

pub(super) fn archive(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = (out.len() as i64 + part.shift) as u32;
        out.extend(b"PK\x03\x04");
        let [packed, len] = part.local_sizes;
        header(&mut out, &[0, part.local_flags, part.method, 0, 0], &[part.local_crc, packed, len]);
        header(&mut out, &[part.local_name.len() as u16, part.local_extra.len() as u16], &[]);
        for bytes in [&part.local_name, &part.local_extra, &part.data, &part.descriptor] {
            out.extend(bytes);
        }
        directory.extend(b"PK\x01\x02");
        let [packed, len] = part.sizes;
        header(&mut directory, &[0, 0, part.flags, part.method, 0, 0], &[part.crc, packed, len]);
        header(&mut directory, &[part.name.len() as u16, part.extra.len() as u16, 0, 0, 0], &[part.mode << 16, offset]);
        directory.extend(part.name.iter().chain(&part.extra));
    }
    let (start, count) = (out.len() as u32, parts.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    header(&mut out, &[0, 0, count, count], &[directory.len() as u32, start]);
    header(&mut out, &[0], &[]);
    out
}

pub(super) fn end_with_zip64(mut bytes: Vec<u8>, change: impl FnOnce(&mut [u64; 4])) -> Vec<u8> {
    let end = bytes.split_off(bytes.len() - 22);
    let at = bytes.len() as u64;
    let field = |from: usize, len: usize| {
        let mut wide = [0; 8];
        wide[..len].copy_from_slice(&end[from..from + len]);
        u64::from_le_bytes(wide)
    };
    let mut fields = [field(10, 2), field(12, 4), field(16, 4), at];
    change(&mut fields);
    let [count, size, offset, at] = fields;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44u64.to_le_bytes());
    header(&mut bytes, &[45, 45], &[0, 0]);
    bytes.extend([count, count, size, offset].into_iter().flat_map(u64::to_le_bytes));
    bytes.extend(b"PK\x06\x07");
    header(&mut bytes, &[], &[0]);
    bytes.extend(at.to_le_bytes());
    header(&mut bytes, &[], &[1]);
    bytes.extend(end);
    bytes
}
