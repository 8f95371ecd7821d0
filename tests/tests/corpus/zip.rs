//! A zip archive with every field open to lies.

#[derive(Clone)]
pub struct Part {
    pub name: Vec<u8>,
    pub local_name: Vec<u8>,
    pub data: Vec<u8>,
    pub flags: u16,
    pub local_flags: u16,
    pub method: u16,
    pub local_method: u16,
    pub crc: u32,
    pub local_crc: u32,
    /// Packed and unpacked.
    pub sizes: [u32; 2],
    pub local_sizes: [u32; 2],
    pub extra: Vec<u8>,
    pub local_extra: Vec<u8>,
    pub descriptor: Vec<u8>,
    /// Attributes: the Unix mode in the upper half, those of DOS in the lowest byte.
    pub mode: u32,
    pub disk: u16,
    /// Added to the offset of the local header.
    pub shift: i64,
}

impl Part {
    pub fn new(name: &str, data: &[u8]) -> Self {
        let (len, crc) = (data.len() as u32, crc32(data));
        Self {
            name: name.into(),
            local_name: name.into(),
            data: data.into(),
            flags: 0x800,
            local_flags: 0x800,
            method: 0,
            local_method: 0,
            crc,
            local_crc: crc,
            sizes: [len; 2],
            local_sizes: [len; 2],
            extra: Vec::new(),
            local_extra: Vec::new(),
            descriptor: Vec::new(),
            mode: 0,
            disk: 0,
            shift: 0,
        }
    }
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn put(out: &mut Vec<u8>, shorts: &[u16], longs: &[u32]) {
    shorts.iter().for_each(|short| out.extend(short.to_le_bytes()));
    longs.iter().for_each(|long| out.extend(long.to_le_bytes()));
}

pub fn archive(parts: &[Part]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = (out.len() as i64 + part.shift) as u32;
        out.extend(b"PK\x03\x04");
        put(&mut out, &[20, part.local_flags, part.local_method, 0, 0], &[part.local_crc]);
        put(&mut out, &[], &part.local_sizes);
        put(&mut out, &[part.local_name.len() as u16, part.local_extra.len() as u16], &[]);
        for bytes in [&part.local_name, &part.local_extra, &part.data, &part.descriptor] {
            out.extend(bytes);
        }
        directory.extend(b"PK\x01\x02");
        put(&mut directory, &[20, 20, part.flags, part.method, 0, 0], &[part.crc]);
        put(&mut directory, &[], &part.sizes);
        put(&mut directory, &[part.name.len() as u16, part.extra.len() as u16, 0, part.disk, 0], &[part.mode, offset]);
        directory.extend(part.name.iter().chain(&part.extra));
    }
    let (start, count) = (out.len() as u32, parts.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    put(&mut out, &[0, 0, count, count], &[directory.len() as u32, start]);
    put(&mut out, &[0], &[]);
    out
}
