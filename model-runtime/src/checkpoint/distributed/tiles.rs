//! Whether the chunks of a tensor fill it: no overlap, no hole, nothing outside.

use super::metadata::Chunk;
use crate::checkpoint::error::{CheckpointError, Result};

/// Compares the chunks with the tensor and with each other.
pub(super) fn check(shape: &[usize], chunks: &[Chunk]) -> Result<()> {
    let volume =
        |sizes: &[usize]| sizes.iter().try_fold(1u64, |volume, size| volume.checked_mul(u64::try_from(*size).ok()?));
    let overflow = || CheckpointError::damaged("the tensor's sizes overflow").got(format_args!("shape {shape:?}"));
    let nonzero: Vec<usize> = shape.iter().map(|size| (*size).max(1)).collect();
    volume(&nonzero).ok_or_else(overflow)?;
    let mut filled = 0u64;
    for chunk in chunks {
        if !is_inside(shape, chunk) {
            let error = CheckpointError::damaged("a chunk reaches past the end of its tensor");
            return Err(error.expected(format_args!("inside {shape:?}")).got(shown(chunk)));
        }
        filled = volume(&chunk.sizes).and_then(|volume| filled.checked_add(volume)).ok_or_else(overflow)?;
    }
    check_overlaps(shape, chunks)?;
    if Some(filled) != volume(shape) {
        let error = CheckpointError::damaged("the chunks leave a hole in their tensor");
        return Err(error.expected(format_args!("{:?} elements", volume(shape).unwrap_or_default())).got(filled));
    }
    Ok(())
}

fn is_inside(shape: &[usize], chunk: &Chunk) -> bool {
    let inside =
        |((offset, size), dim): ((&usize, &usize), &usize)| offset.checked_add(*size).is_some_and(|end| end <= *dim);
    chunk.offsets.len() == shape.len()
        && chunk.sizes.len() == shape.len()
        && chunk.offsets.iter().zip(&chunk.sizes).zip(shape).all(inside)
}

/// Sweeps along the dimension that most chunks are cut in, so that only neighbours are compared.
fn check_overlaps(shape: &[usize], chunks: &[Chunk]) -> Result<()> {
    let mut sorted: Vec<&Chunk> = chunks.iter().filter(|chunk| !chunk.sizes.contains(&0)).collect();
    let starts = |dim: usize| {
        let mut starts: Vec<_> = sorted.iter().filter_map(|chunk| chunk.offsets.get(dim)).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.len()
    };
    let sweep = (0..shape.len()).max_by_key(|dim| starts(*dim)).unwrap_or(0);
    let range = |chunk: &Chunk, dim: usize| {
        let start = chunk.offsets.get(dim).copied().unwrap_or(0);
        (start, start.saturating_add(chunk.sizes.get(dim).copied().unwrap_or(1)))
    };
    sorted.sort_unstable_by_key(|chunk| range(chunk, sweep));
    let mut open: Vec<&Chunk> = Vec::new();
    for chunk in sorted {
        let (start, _) = range(chunk, sweep);
        open.retain(|other| range(other, sweep).1 > start);
        let overlaps = |other: &&&Chunk| {
            (0..shape.len()).all(|dim| {
                let ((a, a_end), (b, b_end)) = (range(chunk, dim), range(other, dim));
                a < b_end && b < a_end
            })
        };
        if let Some(other) = open.iter().find(overlaps) {
            return Err(CheckpointError::damaged("two chunks of the tensor overlap").got(format_args!(
                "{} and {}",
                shown(other),
                shown(chunk)
            )));
        }
        open.push(chunk);
    }
    Ok(())
}

fn shown(chunk: &Chunk) -> String {
    format!("offsets {:?}, sizes {:?}", chunk.offsets, chunk.sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(all: &[([usize; 2], [usize; 2])]) -> Vec<Chunk> {
        all.iter().map(|(offsets, sizes)| Chunk { offsets: offsets.to_vec(), sizes: sizes.to_vec() }).collect()
    }

    #[test]
    fn chunks_fill_their_tensor_exactly() {
        let told = |all: &[([usize; 2], [usize; 2])]| match check(&[4, 6], &chunks(all)) {
            Ok(()) => "fits".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(told(&[([0, 0], [4, 6])]), "fits");
        assert_eq!(told(&[([0, 0], [3, 6]), ([3, 0], [1, 6]), ([4, 0], [0, 6])]), "fits");
        assert_eq!(told(&[([0, 0], [4, 2]), ([0, 2], [2, 4]), ([2, 2], [2, 4])]), "fits");
        assert!(told(&[([0, 0], [3, 6])]).contains("a hole"));
        assert!(told(&[([0, 0], [3, 6]), ([2, 0], [1, 6])]).contains("overlap"));
        assert!(told(&[([0, 0], [4, 6]), ([0, 0], [4, 6])]).contains("overlap"));
        assert!(told(&[([0, 0], [4, 7])]).contains("past the end"));
        assert!(told(&[([usize::MAX, 0], [4, 6])]).contains("past the end"));
        assert!(check(&[], &[]).is_err(), "a scalar has one element");
        assert!(check(&[], &[Chunk { offsets: vec![], sizes: vec![] }]).is_ok());
        assert!(check(&[0, 3], &[]).is_ok());
        assert!(check(&[usize::MAX, 0, usize::MAX], &[]).is_err());
    }
}
