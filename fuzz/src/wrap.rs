//! Sound containers around fuzzed bytes, so that the fuzzer gets past the checksums.

/// A stored archive of `torch.save` with this `data.pkl` and one storage of 24 bytes.
pub(crate) fn archive(data_pkl: &[u8]) -> Vec<u8> {
    let parts: [(&str, &[u8]); 3] = [("a/data.pkl", data_pkl), ("a/data/0", &[1; 24]), ("a/version", b"3\n")];
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in parts {
        let (offset, crc) = (short(out.len()), crc32fast::hash(data).to_le_bytes());
        let sizes = [crc, short(data.len()), short(data.len())].concat();
        let name_len = u16::try_from(name.len()).unwrap_or(0).to_le_bytes();
        let lengths = [name_len, [0; 2]].concat();
        directory.extend(
            [
                b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".as_slice(),
                &sizes,
                &lengths,
                &[0; 10],
                &offset,
                name.as_bytes(),
            ]
            .concat(),
        );
        out.extend([b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".as_slice(), &sizes, &lengths, name.as_bytes(), data].concat());
    }
    let (start, len) = (short(out.len()), short(directory.len()));
    out.extend(directory);
    out.extend([b"PK\x05\x06\0\0\0\0\x03\0\x03\0".as_slice(), &len, &start, &[0; 2]].concat());
    out
}

fn short(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// A pickle of existing opcodes: each byte chooses one, the next ones are its operand.
pub(crate) fn opcodes(data: &[u8]) -> Vec<u8> {
    const PLAIN: &[u8] = b"(012NRabdelosut)]}Q\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94";
    const WORDS: &[&[u8]] = &[
        b"ctorch._utils\n_rebuild_tensor_v2\n",
        b"ctorch._utils\n_rebuild_tensor_v3\n",
        b"ctorch._utils\n_rebuild_parameter\n",
        b"ccollections\nOrderedDict\n",
        b"ctorch\nFloatStorage\n",
        b"ctorch\nSize\n",
        b"ctorch\nfloat32\n",
        b"cos\nsystem\n",
        b"X\x07\0\0\0storage",
        b"X\x01\0\0\x000",
        b"X\x03\0\0\0cpu",
        b"K\x06",
        b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x06tQ",
    ];
    let mut out = vec![0x80, 2];
    let mut bytes = data.iter().copied();
    while let Some(byte) = bytes.next() {
        let operand = bytes.next().unwrap_or(0);
        match usize::from(byte) % (PLAIN.len() + WORDS.len() + 5) {
            at if at < PLAIN.len() => out.push(PLAIN[at]),
            at if at < PLAIN.len() + WORDS.len() => out.extend(WORDS[at - PLAIN.len()]),
            at => match at - PLAIN.len() - WORDS.len() {
                0 => out.extend([b'K', operand]),
                1 => out.extend([b'q', operand & 15]),
                2 => out.extend([b'h', operand & 15]),
                3 => out.extend([0x8a, 1, operand]),
                _ => out.extend([b'X', 1, 0, 0, 0, b'a' + operand % 4]),
            },
        }
    }
    out.push(b'.');
    out
}

/// Puts the sum of every block that could be a tar header right.
pub(crate) fn fix_tar(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

/// Sets the checksum of every stored entry to none, which readers must accept.
pub(crate) fn fix_checksums(bytes: &mut [u8]) {
    for (mark, at) in [(b"PK\x03\x04", 14), (b"PK\x01\x02", 16)] {
        let starts: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, window)| window == mark).map(|(at, _)| at).collect();
        for start in starts {
            if let Some(crc) = bytes.get_mut(start + at..start + at + 4) {
                crc.fill(0);
            }
        }
    }
    let starts: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, window)| window == b"PK\x07\x08").map(|(at, _)| at).collect();
    for start in starts {
        if let Some(crc) = bytes.get_mut(start + 4..start + 8) {
            crc.fill(0);
        }
    }
}
