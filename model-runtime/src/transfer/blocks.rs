//! [`Blocks`]: a writer that puts bytes together to blocks, which cut no element.

use std::io::{self, Write};

/// Gets bytes in pieces of any size, and hands them on in blocks, each with the number of those before it.
pub(super) struct Blocks<'b, F> {
    block: &'b mut [u8],
    /// The bytes of the block that are there.
    len: usize,
    /// The bytes that were handed on.
    at: usize,
    take: F,
}

impl<'b, F: FnMut(usize, &[u8])> Blocks<'b, F> {
    /// Blocks of the size of `block`, the last of which can be smaller.
    pub(super) fn new(block: &'b mut [u8], take: F) -> Self {
        Self { block, len: 0, at: 0, take }
    }

    /// Hands on what is left.
    pub(super) fn finish(&mut self) {
        (self.take)(self.at, self.block.get(..self.len).unwrap_or_default());
        self.at = self.at.saturating_add(self.len);
        self.len = 0;
    }
}

impl<F: FnMut(usize, &[u8])> Write for Blocks<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.block.get_mut(self.len..).unwrap_or_default();
        let len = room.len().min(bytes.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..len), bytes.get(..len)) {
            room.copy_from_slice(bytes);
        }
        self.len = self.len.saturating_add(len);
        if self.len == self.block.len() {
            self.finish();
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_become_blocks_of_one() {
        let bytes: Vec<u8> = (0..37).collect();
        for step in [1, 3, 8, 37] {
            let (mut block, mut taken) = ([0; 8], Vec::new());
            let mut blocks = Blocks::new(&mut block, |at, block| taken.push((at, block.to_vec())));
            bytes.chunks(step).for_each(|piece| blocks.write_all(piece).unwrap());
            blocks.finish();
            assert!(taken.iter().map(|(at, _)| *at).eq([0, 8, 16, 24, 32]), "{taken:?}");
            assert_eq!(taken.into_iter().flat_map(|(_, block)| block).collect::<Vec<_>>(), bytes);
        }
    }
}
