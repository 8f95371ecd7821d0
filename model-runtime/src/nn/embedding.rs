//! [`Embedding`]: rows of a table by index, from `(*)` to `(*, embedding_dim)`.

use candle_core::{DType, Tensor as Candle, bail};

use super::compute;
use crate::Module;
use crate::device::{Compute, Device, Meta};
use crate::error::Result;
use crate::init;
use crate::module::{Forward, Param, Spec};
use crate::tensor::Tensor;

/// A table of vectors, looked up by index.
///
/// Corresponds to [`torch.nn.Embedding`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html) without
/// `max_norm`, `scale_grad_by_freq` and `sparse`. The indices have the dtype `u8`, `u32` or `i64` and any shape. The
/// initial values are standard normal, and zeros in the row `padding_idx`.
///
/// The indices are checked on every device, which on a GPU waits for them.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let table = Tensor::from_vec(vec![0f32, 1.0, 10.0, 11.0, 20.0, 21.0], (3, 2), Cpu)?;
/// let mut embedding = Embedding::new(3, 2).init(Cpu)?;
/// embedding.weight = Param::from_tensor(table);
///
/// let rows = embedding.forward(&Tensor::from_vec(vec![2u32, 0], 2, Cpu)?)?;
/// assert_eq!(rows.to_vec2::<f32>()?, [[20.0, 21.0], [0.0, 1.0]]);
///
/// let error = embedding.forward(&Tensor::from_vec(vec![0u32, 3], 2, Cpu)?).unwrap_err();
/// assert!(error.to_string().contains("index out of range, expected: 0 to 2, got: 3"));
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Module, Clone, Debug)]
pub struct Embedding<D: Device> {
    /// `(num_embeddings, embedding_dim)`.
    pub weight: Param<D>,
    /// The number of rows.
    pub num_embeddings: usize,
    /// The size of a row.
    pub embedding_dim: usize,
    /// The row of padding: its initial values are zeros, and it is not trained.
    pub padding_idx: Option<usize>,
}

impl Embedding<Meta> {
    /// Declares the layer, without a row of padding.
    pub fn new(num_embeddings: usize, embedding_dim: usize) -> Self {
        let weight = Param::declare(table(num_embeddings, embedding_dim));
        Self { weight, num_embeddings, embedding_dim, padding_idx: None }
    }

    /// The row of padding; a negative one counts from the end.
    #[must_use]
    pub fn padding_idx(mut self, padding_idx: isize) -> Self {
        let rows = self.num_embeddings;
        let row = if padding_idx < 0 { rows.checked_add_signed(padding_idx) } else { Some(padding_idx.unsigned_abs()) };
        self.padding_idx = row.filter(|row| *row < rows);
        let table = table(rows, self.embedding_dim);
        self.weight = Param::declare(match self.padding_idx {
            Some(row) => table.zero_row(row),
            None => table.invalid(format!("padding_idx must be within num_embeddings, got: {padding_idx} and {rows}")),
        });
        self
    }
}

fn table(num_embeddings: usize, embedding_dim: usize) -> Spec {
    Spec::new((num_embeddings, embedding_dim), init::STANDARD_NORMAL)
}

/// # Errors
///
/// An index that is not in the table, or indices of another dtype than `u8`, `u32` and `i64`.
#[diagnostic::do_not_recommend]
impl<D: Compute> Forward<&Tensor<D>> for Embedding<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        compute(x, |x| embedding(x, self.weight.as_candle(), self.padding_idx))
    }
}

fn embedding(indices: &Candle, weight: &Candle, padding_idx: Option<usize>) -> candle_core::Result<Candle> {
    let (rows, embedding_dim) = weight.dims2()?;
    let flat = indices.flatten_all()?;
    // candle takes the largest value of an index type to mean "a row of zeros": 255 is an index like others.
    let flat = if flat.dtype() == DType::U8 { flat.to_dtype(DType::U32)? } else { flat.contiguous()? };
    check_indices(&flat, rows)?;
    let selected = weight.contiguous()?.index_select(&flat, 0)?;
    let selected = match padding_idx {
        Some(row) if weight.track_op() => untrained(&selected, &flat, row)?,
        _ => selected,
    };
    selected.reshape([indices.dims(), &[embedding_dim]].concat())
}

/// The one check of indices. candle reads zeros for some that are out of range, and on GPUs does not look at the rest.
fn check_indices(flat: &Candle, rows: usize) -> candle_core::Result<()> {
    let out_of_range = match flat.dtype() {
        DType::U32 => flat.to_vec1::<u32>()?.into_iter().map(i64::from).find(|index| !in_range(*index, rows)),
        DType::I64 => flat.to_vec1::<i64>()?.into_iter().find(|index| !in_range(*index, rows)),
        dtype => bail!("Embedding: dtype of the indices, expected: u8, u32 or i64, got: {}", dtype.as_str()),
    };
    match out_of_range {
        None => Ok(()),
        Some(index) => {
            bail!("Embedding: index out of range, expected: 0 to {}, got: {index}", rows.saturating_sub(1))
        }
    }
}

fn in_range(index: i64, rows: usize) -> bool {
    usize::try_from(index).is_ok_and(|index| index < rows)
}

/// The selected rows, of which those of padding hand no gradient to the table.
fn untrained(selected: &Candle, flat: &Candle, row: usize) -> candle_core::Result<Candle> {
    let is_padding = flat.eq(row as u32)?.unsqueeze(1)?.broadcast_as(selected.shape())?;
    is_padding.where_cond(&selected.detach(), selected)
}
