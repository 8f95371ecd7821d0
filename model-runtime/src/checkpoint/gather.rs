//! Copies the elements of a strided view into row-major order.

/// The elements of the view that starts at the first byte of `window`, in row-major order.
///
/// `None` if an element lies outside `window`; `nbytes` is the length of the result.
pub(crate) fn rows(window: &[u8], size: usize, shape: &[usize], strides: &[usize], nbytes: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(nbytes);
    if nbytes > 0 {
        blocks(window, size, shape, strides, &mut out, |_| Some(()))?;
    }
    Some(out)
}

/// Gathers the elements of a view that has some, as [`rows`] does, into `out`; `full` can take what is there after each run
/// of elements in the innermost dimension.
pub(crate) fn blocks(
    window: &[u8],
    size: usize,
    shape: &[usize],
    strides: &[usize],
    out: &mut Vec<u8>,
    mut full: impl FnMut(&mut Vec<u8>) -> Option<()>,
) -> Option<()> {
    let mut dims = merge(shape, strides);
    let (run, step) = dims.pop().unwrap_or((1, 1));
    let mut index = vec![0usize; dims.len()];
    let mut at = 0usize;
    loop {
        copy_run(window.get(at.checked_mul(size)?..)?, size, run, step, out)?;
        full(out)?;
        if !advance(&mut index, &dims, &mut at)? {
            return Some(());
        }
    }
}

/// (size, stride) of the view with dimensions of one element dropped and neighbours that form one run joined.
fn merge(shape: &[usize], strides: &[usize]) -> Vec<(usize, usize)> {
    let mut dims: Vec<(usize, usize)> = Vec::with_capacity(shape.len());
    for (&dim, &stride) in shape.iter().zip(strides).filter(|(dim, _)| **dim != 1) {
        match dims.last_mut() {
            // The sizes were multiplied without overflow when the tensor was opened.
            Some(outer) if dim.checked_mul(stride) == Some(outer.1) => *outer = (outer.0.saturating_mul(dim), stride),
            _ => dims.push((dim, stride)),
        }
    }
    dims
}

/// Moves to the next run, the innermost dimension first; false after the last one.
fn advance(index: &mut [usize], dims: &[(usize, usize)], at: &mut usize) -> Option<bool> {
    for (count, &(dim, stride)) in index.iter_mut().zip(dims).rev() {
        *count = count.checked_add(1)?;
        if *count < dim {
            *at = at.checked_add(stride)?;
            return Some(true);
        }
        *count = 0;
        *at = at.checked_sub(dim.checked_sub(1)?.checked_mul(stride)?)?;
    }
    Some(false)
}

/// Appends `run` elements that are `step` elements apart.
fn copy_run(from: &[u8], size: usize, run: usize, step: usize, out: &mut Vec<u8>) -> Option<()> {
    match (step, size) {
        (1, _) => out.extend_from_slice(from.get(..run.checked_mul(size)?)?),
        (_, 1) => copy_elements::<1>(from, run, step, out)?,
        (_, 2) => copy_elements::<2>(from, run, step, out)?,
        (_, 4) => copy_elements::<4>(from, run, step, out)?,
        (_, 8) => copy_elements::<8>(from, run, step, out)?,
        (_, 16) => copy_elements::<16>(from, run, step, out)?,
        _ => return None,
    }
    Some(())
}

/// One element size at compile time: a copy of known length is a single load and store.
fn copy_elements<const SIZE: usize>(from: &[u8], run: usize, step: usize, out: &mut Vec<u8>) -> Option<()> {
    let stride = step.checked_mul(SIZE)?;
    let mut at = 0usize;
    for _ in 0..run {
        let element: &[u8; SIZE] = from.get(at..)?.first_chunk()?;
        out.extend_from_slice(element);
        at = at.checked_add(stride)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = &[0, 1, 2, 3, 4, 5];

    #[test]
    fn a_transposed_matrix_comes_out_by_rows() {
        assert_eq!(rows(BYTES, 1, &[3, 2], &[1, 3], 6).unwrap(), [0, 3, 1, 4, 2, 5]);
        assert_eq!(rows(BYTES, 2, &[3, 1], &[1, 7], 6).unwrap(), BYTES);
    }

    #[test]
    fn an_expanded_row_is_repeated() {
        assert_eq!(rows(&BYTES[..2], 1, &[3, 2], &[0, 1], 6).unwrap(), [0, 1, 0, 1, 0, 1]);
        assert_eq!(rows(&BYTES[..1], 1, &[2, 2], &[0, 0], 4).unwrap(), [0; 4]);
    }

    #[test]
    fn a_slice_with_steps_keeps_every_second_element() {
        assert_eq!(rows(BYTES, 1, &[3], &[2], 3).unwrap(), [0, 2, 4]);
        assert_eq!(rows(BYTES, 1, &[2, 1, 2], &[3, 9, 2], 4).unwrap(), [0, 2, 3, 5]);
    }

    #[test]
    fn windows_may_overlap() {
        assert_eq!(rows(BYTES, 1, &[3, 3], &[1, 1], 9).unwrap(), [0, 1, 2, 1, 2, 3, 2, 3, 4]);
    }

    #[test]
    fn scalars_and_empty_tensors() {
        assert_eq!(rows(&[7, 8], 2, &[], &[], 2).unwrap(), [7, 8]);
        assert_eq!(rows(&[], 2, &[0, 5], &[5, 1], 0).unwrap(), [0u8; 0]);
    }

    #[test]
    fn an_element_outside_the_window_gives_nothing() {
        assert_eq!(rows(BYTES, 1, &[7], &[1], 7), None);
        assert_eq!(rows(BYTES, 1, &[2, 2], &[5, 1], 4), None);
    }
}
