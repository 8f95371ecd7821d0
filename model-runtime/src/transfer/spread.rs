//! [`Spread`]: a strided tensor whose elements are put in their places in the order of the storage.

use super::cast::Cast;
use crate::checkpoint::TensorInfo;

/// A dimension of a strided tensor.
#[derive(Clone, Copy, Debug)]
struct Dim {
    size: usize,
    /// Bytes from one element to the next in the storage.
    from: usize,
    /// The same in the tensor.
    to: usize,
}

/// The dimensions of a strided tensor, the one with the largest steps in the storage first: counting them up walks through
/// the storage from its first byte to its last.
#[derive(Clone, Debug)]
pub(super) struct Dims(Vec<Dim>);

/// A strided tensor that takes its elements out of blocks.
#[derive(Debug)]
pub(super) struct Spread<'w> {
    outer: Vec<Dim>,
    inner: Dim,
    /// How far each outer dimension is counted.
    index: Vec<usize>,
    /// How far the inner one is.
    run: usize,
    /// The byte of the storage that the next element starts at, and the byte of the tensor that it goes to.
    from: usize,
    to: usize,
    cast: Cast,
    /// The block, converted.
    converted: Vec<u8>,
    /// The tensor; `None` when it is complete.
    out: Option<&'w mut [u8]>,
}

impl Dims {
    /// `None` if two elements share a place in the storage, or could: an expanded tensor, or overlapping windows.
    pub(super) fn new(tensor: &TensorInfo, itemsize: usize) -> Option<Self> {
        let (mut to, mut reach) = (itemsize, 0usize);
        let mut dims = Vec::with_capacity(tensor.shape().len());
        for (&size, &stride) in tensor.shape().iter().zip(tensor.strides()).rev() {
            if size != 1 {
                dims.push(Dim { size, from: stride.checked_mul(tensor.dtype().itemsize())?, to });
            }
            to = to.checked_mul(size)?;
        }
        dims.sort_by_key(|dim| std::cmp::Reverse(dim.from));
        for dim in dims.iter().rev() {
            if dim.from <= reach {
                return None;
            }
            reach = reach.checked_add(dim.from.checked_mul(dim.size.saturating_sub(1))?)?;
        }
        Some(Self(dims))
    }
}

impl<'w> Spread<'w> {
    /// A tensor whose first element is at the byte `start` of its storage.
    pub(super) fn new(start: usize, dims: &Dims, cast: Cast, out: &'w mut [u8]) -> Self {
        let mut outer = dims.0.clone();
        let inner = outer.pop().unwrap_or(Dim { size: 1, from: 0, to: 0 });
        let (index, out) = (vec![0; outer.len()], (!out.is_empty()).then_some(out));
        Self { outer, inner, index, run: 0, from: start, to: 0, cast, converted: Vec::new(), out }
    }

    /// Takes its elements out of the bytes of the storage that start at `at`.
    pub(super) fn take(&mut self, at: usize, block: &[u8]) {
        if self.out.is_none() || self.from >= at.saturating_add(block.len()) {
            return;
        }
        let mut converted = std::mem::take(&mut self.converted);
        match self.cast.is_plain() {
            true => self.place(at, block),
            false => {
                self.cast.convert(block, &mut converted);
                self.place(at, &converted);
            }
        }
        self.converted = converted;
    }

    fn place(&mut self, at: usize, block: &[u8]) {
        match self.cast.to().size_in_bytes() {
            1 => self.place_elements::<1>(at, block),
            2 => self.place_elements::<2>(at, block),
            4 => self.place_elements::<4>(at, block),
            _ => self.place_elements::<8>(at, block),
        }
    }

    /// One element size at compile time: a copy of known length is a single load and store.
    fn place_elements<const SIZE: usize>(&mut self, at: usize, block: &[u8]) {
        let Some(out) = self.out.take() else { return };
        let (elements, _) = block.as_chunks::<SIZE>();
        let size = self.cast.from().size_in_bytes().max(1);
        loop {
            let mut next = self.from.saturating_sub(at) / size;
            let step = self.inner.from / size;
            while self.run < self.inner.size {
                let (Some(element), Some(place)) =
                    (elements.get(next), out.get_mut(self.to..).and_then(<[u8]>::first_chunk_mut))
                else {
                    self.out = Some(out);
                    return;
                };
                *place = *element;
                next += step;
                self.from += self.inner.from;
                self.to += self.inner.to;
                self.run += 1;
            }
            if !self.advance() {
                return;
            }
        }
    }

    /// Goes from the end of one run to the start of the next; false after the last one.
    fn advance(&mut self) -> bool {
        self.run = 0;
        self.from -= self.inner.from * self.inner.size;
        self.to -= self.inner.to * self.inner.size;
        for (index, dim) in self.index.iter_mut().zip(&self.outer).rev() {
            *index += 1;
            self.from += dim.from;
            self.to += dim.to;
            if *index < dim.size {
                return true;
            }
            *index = 0;
            self.from -= dim.from * dim.size;
            self.to -= dim.to * dim.size;
        }
        false
    }
}
