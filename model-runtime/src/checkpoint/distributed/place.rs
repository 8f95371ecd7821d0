//! What the first pass over a `.metadata` keeps of a value on the stack.

use super::cover::{Cover, Numbers};

/// A value, or several of one kind in a row.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) seen: Seen,
    /// How many there are.
    pub(super) run: usize,
    /// Where it is memoised.
    pub(super) memo: Option<u32>,
}

/// What matters of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing.
    #[default]
    Other,
    Mark,
    Int(u64),
    /// A negative number, or a tuple with one in it.
    Negative,
    Text(Box<str>),
    Word(Word),
    /// A tuple of numbers.
    Tuple(Numbers),
    /// A tuple of a tuple of numbers.
    Arguments(Numbers),
    Size(Numbers),
    List(Cover),
    Dict(Option<Box<Fields>>),
    /// A chunk or a tensor without its attributes.
    NewChunk,
    NewTensor,
    Chunk(Cover),
}

/// The attributes of a chunk or a tensor.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) offsets: Option<Numbers>,
    pub(super) sizes: Option<Numbers>,
    pub(super) size: Option<Numbers>,
    pub(super) chunks: Option<Cover>,
}

/// A name that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Offsets,
    Sizes,
    Size,
    Chunks,
    TorchSize,
    Chunk,
    Tensor,
    /// The module of a class.
    Module,
}

impl Word {
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        Some(match text {
            b"offsets" => Self::Offsets,
            b"sizes" => Self::Sizes,
            b"size" => Self::Size,
            b"chunks" => Self::Chunks,
            b"Size" => Self::TorchSize,
            b"ChunkStorageMetadata" => Self::Chunk,
            b"TensorStorageMetadata" => Self::Tensor,
            b"torch.distributed.checkpoint.metadata" => Self::Module,
            _ => return None,
        })
    }
}

impl Place {
    pub(super) fn new(seen: Seen) -> Self {
        Self { seen, run: 1, memo: None }
    }

    /// Takes `other`, which stands above, if there is nothing to tell them apart.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        match (&mut self.seen, &other.seen) {
            (Seen::Other, Seen::Other) => {}
            (Seen::Chunk(cover), Seen::Chunk(more)) => *cover = cover.and(*more),
            _ => return false,
        }
        (self.run, self.memo) = (self.run.saturating_add(other.run), None);
        true
    }
}

impl Seen {
    /// Whether it can say something where it is used again.
    pub(super) fn matters(&self) -> bool {
        !matches!(self, Self::Other | Self::Mark | Self::Text(_))
    }

    /// The tuple of `items`.
    pub(super) fn tuple(items: &[Self]) -> Self {
        if let [Self::Tuple(numbers)] = items {
            return Self::Arguments(*numbers);
        }
        if items.contains(&Self::Negative) {
            return Self::Negative;
        }
        let numbers = items.iter().try_fold(Numbers::new(), |numbers, item| match item {
            Self::Int(number) => Some(numbers.and(*number)),
            _ => None,
        });
        numbers.map_or(Self::Other, Self::Tuple)
    }

    fn numbers(&self) -> Option<Numbers> {
        if let Self::Size(numbers) | Self::Tuple(numbers) = self { Some(*numbers) } else { None }
    }
}

impl Fields {
    /// These, and an entry that was written before them: a value and its key.
    pub(super) fn with(mut self, [value, key]: [Seen; 2]) -> Self {
        match key {
            Seen::Word(Word::Offsets) => self.offsets = self.offsets.or(value.numbers()),
            Seen::Word(Word::Sizes) => self.sizes = self.sizes.or(value.numbers()),
            Seen::Word(Word::Size) => self.size = self.size.or(value.numbers()),
            Seen::Word(Word::Chunks) => {
                self.chunks = self.chunks.or(if let Seen::List(cover) = value { Some(cover) } else { None });
            }
            _ => {}
        }
        self
    }

    /// These where they are known, and `old` where not.
    pub(super) fn over(self, old: Self) -> Self {
        Self {
            offsets: self.offsets.or(old.offsets),
            sizes: self.sizes.or(old.sizes),
            size: self.size.or(old.size),
            chunks: self.chunks.or(old.chunks),
        }
    }
}
