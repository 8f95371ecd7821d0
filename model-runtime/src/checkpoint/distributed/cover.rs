//! Whether chunks fill a tensor, from one sum that takes no memory for the chunks.
//!
//! Give the cell at index `(i, j, ..)` the weight `xⁱ yʲ ..`. A chunk weighs what its cells do, which is a product of one
//! geometric series for each dimension. Chunks that fill a tensor exactly weigh as much as the tensor. Others can do so
//! only where the polynomials of both have the same value by chance: one time in 2⁶¹ for numbers nobody chose.

/// The numbers are taken modulo this prime, 2⁶¹ - 1.
const PRIME: u64 = (1 << 61) - 1;

/// Offsets or sizes, one number for each dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The weight of the cell at this index.
    corner: u64,
    /// What all cells of a box with these sizes weigh that starts at zero, times a factor that depends on the number of
    /// dimensions alone.
    box_weight: u64,
    /// The number of cells of such a box.
    volume: u64,
    /// How many dimensions there are so far.
    rank: u64,
}

/// Any number of chunks of one tensor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cover {
    weight: u64,
    /// Cells, those in two chunks twice.
    pub(super) volume: u64,
    /// Chunks.
    pub(super) len: u64,
}

impl Numbers {
    /// None, of a scalar.
    pub(super) const fn new() -> Self {
        Self { corner: 1, box_weight: 1, volume: 1, rank: 0 }
    }

    /// These, and one for the next dimension.
    pub(super) fn and(self, number: u64) -> Self {
        let rank = self.rank.saturating_add(1);
        let power = power(base(rank), number);
        let series = power.checked_sub(1).unwrap_or(PRIME - 1);
        Self {
            corner: times(self.corner, power),
            box_weight: times(self.box_weight, series),
            volume: self.volume.saturating_mul(number),
            rank,
        }
    }

    /// The number of cells of a tensor with these sizes.
    pub(super) fn volume(self) -> u64 {
        self.volume
    }
}

impl Cover {
    /// The chunk at `offsets`.
    pub(super) fn of(offsets: Numbers, sizes: Numbers) -> Self {
        Self { weight: times(offsets.corner, sizes.box_weight), volume: sizes.volume, len: 1 }
    }

    /// Both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            weight: reduced(u128::from(self.weight).saturating_add(other.weight.into())),
            volume: self.volume.saturating_add(other.volume),
            len: self.len.saturating_add(other.len),
        }
    }

    /// Whether each cell of a tensor of these sizes is in one chunk, and no other cell is.
    pub(super) fn fills(self, sizes: Numbers) -> bool {
        self.weight == sizes.box_weight
    }
}

/// A number for a dimension; by splitmix64, so that it is no root of a small polynomial.
fn base(dim: u64) -> u64 {
    let mixed = dim.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    reduced((mixed ^ (mixed >> 31)).into())
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut power = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = times(power, base);
        }
        base = times(base, base);
        exponent /= 2;
    }
    power
}

fn times(a: u64, b: u64) -> u64 {
    reduced(u128::from(a).saturating_mul(b.into()))
}

/// `2⁶¹` is 1 here, so that what is above 61 bits is added to what is below.
fn reduced(mut number: u128) -> u64 {
    let prime = u128::from(PRIME);
    while number > prime {
        number = (number & prime).saturating_add(number >> 61);
    }
    u64::try_from(number).ok().filter(|number| *number < PRIME).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(all: &[u64]) -> Numbers {
        all.iter().fold(Numbers::new(), |numbers, number| numbers.and(*number))
    }

    fn fills(shape: &[u64], chunks: &[(&[u64], &[u64])]) -> bool {
        let cover = chunks.iter().map(|(offsets, sizes)| Cover::of(numbers(offsets), numbers(sizes)));
        cover.fold(Cover::default(), Cover::and).fills(numbers(shape))
    }

    #[test]
    fn the_prime_is_reduced_to_zero() {
        assert_eq!(
            [0, 1, PRIME - 1, PRIME, PRIME + 1, u64::MAX].map(|n| reduced(n.into())),
            [0, 1, PRIME - 1, 0, 1, 7]
        );
        assert_eq!(reduced(u128::from(PRIME) * u128::from(PRIME)), 0);
        assert_eq!(power(3, 40), 12_157_665_459_056_928_801 % PRIME);
    }

    #[test]
    fn chunks_that_fill_their_tensor_weigh_what_it_does() {
        assert!(fills(&[4, 6], &[(&[0, 0], &[4, 6])]));
        assert!(fills(&[4, 6], &[(&[0, 0], &[3, 6]), (&[3, 0], &[1, 6]), (&[4, 0], &[0, 6])]));
        assert!(fills(&[4, 6], &[(&[2, 2], &[2, 4]), (&[0, 0], &[4, 2]), (&[0, 2], &[2, 4])]));
        assert!(fills(&[], &[(&[], &[])]));
        assert!(fills(&[0, 3], &[]));
        assert!(fills(&[1 << 62], &[(&[0], &[1 << 61]), (&[1 << 61], &[1 << 61])]));
        let rows: Vec<[u64; 2]> = (0..1000).map(|row| [row, 0]).collect();
        let rows: Vec<(&[u64], &[u64])> = rows.iter().rev().map(|row| (row.as_slice(), [1, 7].as_slice())).collect();
        assert!(fills(&[1000, 7], &rows));
    }

    #[test]
    fn chunks_that_do_not_fill_their_tensor_weigh_something_else() {
        assert!(!fills(&[4, 6], &[]));
        assert!(!fills(&[], &[]));
        assert!(!fills(&[4, 6], &[(&[0, 0], &[3, 6])]));
        assert!(!fills(&[4, 6], &[(&[0, 0], &[4, 6]), (&[0, 0], &[4, 6])]));
        assert!(!fills(&[2, 2], &[(&[0, 0], &[2, 1]), (&[0, 0], &[2, 1])]), "the volume is right");
        assert!(!fills(&[2, 2], &[(&[0, 0], &[1, 2]), (&[2, 0], &[1, 2])]), "the volume is right");
        assert!(!fills(&[2, 3], &[(&[0, 0], &[3, 2])]), "the volume is right");
        assert!(!fills(&[6], &[(&[0, 0], &[1, 6])]), "another number of dimensions");
    }
}
