//! Converters between what a file holds and what a field holds: `#[module(with = path)]`.
//!
//! `path` is a Rust module, or a type, with three functions. They see the field's tensors by their names below it, such as
//! `weight` and `bias` of a `Linear`, or `q.weight` of a struct; a field that is itself a tensor has the name `""`.
//!
//! | function | what it does |
//! |---|---|
//! | `fn stored(field: &[Signature]) -> Result<Vec<Signature>>` | says what the file holds in place of the field's tensors |
//! | `fn load(field: &[Signature], file: &Tensors) -> Result<Tensors>` | makes the field's tensors of those of the file |
//! | `fn save(field: &Tensors) -> Result<Tensors>` | makes the file's tensors of those of the field |
//!
//! Names and shapes of the file are compared with those that `stored` says before anything is read; `load` runs on the
//! device that the model goes to, one field at a time. The converters here are ready to use.
//!
//! ```
//! use model_runtime::prelude::*;
//! use model_runtime::with;
//!
//! #[derive(Module, Debug)]
//! struct Mlp<D: Device> {
//!     #[module(with = with::transposed)]
//!     c_fc: Linear<D>, // Hugging Face's `Conv1D(nf=8, nx=4)`: its weight is [4, 8]
//! }
//!
//! let mlp = Mlp { c_fc: Linear::new(4, 8) }.init(Cpu)?;
//! assert_eq!(mlp.c_fc.weight.dims(), [8, 4]);
//! assert_eq!(mlp.state_dict()?.get("c_fc.weight").unwrap().shape(), [4, 8]);
//! # Ok::<(), model_runtime::Error>(())
//! ```

use candle_core::DType;
use indexmap::IndexMap;

use crate::error::Result;

mod fusion;

pub mod fused;
pub mod fused_transposed;
pub mod in_proj;
pub mod parametrized_weight_norm;
pub mod transposed;
pub mod weight_norm;

/// The name, shape and dtype of a tensor of a field, or of the file in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name below the field; `""` for a field that is itself a tensor.
    pub name: String,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The element type.
    pub dtype: DType,
}

/// Tensors by their names below the field, in order.
pub type Tensors = IndexMap<String, candle_core::Tensor>;

/// Makes a field's tensors of those of the file.
type Load = fn(&[Signature], &Tensors) -> Result<Tensors>;

/// What `#[module(with = path)]` makes of a path.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Convert {
    pub stored: fn(&[Signature]) -> Result<Vec<Signature>>,
    pub load: Load,
    pub save: fn(&Tensors) -> Result<Tensors>,
}

impl Convert {
    /// Whether it is one of the converters here that only put elements elsewhere, whatever their dtype. A function can have
    /// several addresses, so that `false` means nothing.
    pub(crate) fn only_moves(&self) -> bool {
        let moving: [Load; 4] = [transposed::load, fused::load, fused_transposed::load, in_proj::load];
        moving.into_iter().any(|load| std::ptr::fn_addr_eq(load, self.load))
    }
}

/// The last part of a name: `weight` of `q.weight`.
fn last(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

/// A name with another last part.
fn with_last(name: &str, last: &str) -> String {
    name.rsplit_once('.').map_or_else(|| last.to_owned(), |(module, _)| format!("{module}.{last}"))
}
