//! The caps that keep a hostile file from taking memory or time out of proportion to its size.

/// How much a checkpoint may ask for. Every count is compared with its cap before anything is allocated.
///
/// The defaults pass every real checkpoint we know of. To trust a larger one, raise the field that the error names:
///
/// ```
/// use model_runtime::checkpoint::Limits;
///
/// let mut limits = Limits::default();
/// limits.nesting = 5_000;
/// assert_eq!(limits.rank, 64);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one pickle. 100 MiB; the `data.pkl` of a model with 10 000 tensors is about 1.5 MB.
    pub pickle_bytes: u64,
    /// Opcodes of one pickle. 50 million.
    pub pickle_opcodes: u64,
    /// Values in one pickle, and in its tree with every alias written out ("billion laughs"). 10 million.
    pub pickle_values: u64,
    /// Containers inside each other. 1 000.
    pub nesting: usize,
    /// Bytes of one integer. 64 KiB, which is 157 000 digits.
    pub integer_bytes: usize,
    /// Dimensions of one tensor. 64, as in PyTorch and candle's own kernels.
    pub rank: usize,
    /// Bytes of a storage's device tag (`cuda:0`). 256.
    pub location_bytes: usize,
    /// Bytes of a safetensors header. 100 MB, as in the format's specification.
    pub safetensors_header_bytes: u64,
    /// Bytes that one deflated record may inflate to, where 100 times the file is not more. 1 GiB.
    pub inflated_bytes: u64,
    /// Bytes of a tensor that is larger than its own storage, as `expand` makes them, when it is read; of the tensors of
    /// one storage that are read together, where they are not less than 4 times the storage; and of the tensors of a distributed
    /// checkpoint that are put together, where its files are not more. 1 GiB.
    pub expanded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pickle_bytes: 100 << 20,
            pickle_opcodes: 50_000_000,
            pickle_values: 10_000_000,
            nesting: 1_000,
            integer_bytes: 64 << 10,
            rank: 64,
            location_bytes: 256,
            safetensors_header_bytes: 100_000_000,
            inflated_bytes: 1 << 30,
            expanded_bytes: 1 << 30,
        }
    }
}
