//! [`Spec`]: what is known of a parameter or buffer before it has data.

use std::fmt;
use std::sync::Arc;

use candle_core::{DType, Shape};
use candle_nn::Init;

use crate::device::Cpu;
use crate::error::Result;
use crate::tensor::Tensor;

/// The declaration of a parameter or buffer: shape, dtype, initial values.
#[derive(Clone, Debug)]
pub struct Spec {
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    pub(crate) initial: Initial,
    /// The module version (`_version` in PyTorch) that added the entry: files of older versions may lack it.
    pub(crate) since_version: Option<u64>,
    /// Why no data can ever satisfy the declaration.
    pub(crate) invalid: Option<String>,
    /// Whether the layer computes as well with elements that do not lie row by row, as after a transposition.
    pub(crate) strided: bool,
}

/// The values that a declaration gives to a tensor.
#[derive(Clone)]
pub(crate) enum Initial {
    /// Drawn from a distribution.
    Drawn(Init),
    /// Drawn from a distribution, with zeros in this row.
    ZeroRow(Init, usize),
    /// Computed, the same each time.
    Computed(Arc<dyn Fn() -> Result<Tensor<Cpu>> + Send + Sync>),
    /// None: it was made from a tensor.
    None,
}

impl Spec {
    /// A declaration with PyTorch's default dtype, `float32`.
    pub fn new(shape: impl Into<Shape>, init: Init) -> Self {
        Self {
            shape: shape.into(),
            dtype: DType::F32,
            initial: Initial::Drawn(init),
            since_version: None,
            invalid: None,
            strided: false,
        }
    }

    /// The declaration of what is made from a tensor.
    pub(crate) fn of_tensor(tensor: &candle_core::Tensor) -> Self {
        let spec = Self::new(tensor.shape().clone(), candle_nn::init::ZERO).dtype(tensor.dtype());
        Self { initial: Initial::None, ..spec }
    }

    /// A declaration whose initial values are computed: a table of positions, a mask.
    ///
    /// The function runs when the model is initialised, or loaded from a file that does not hold the tensor.
    pub fn computed(shape: impl Into<Shape>, values: impl Fn() -> Result<Tensor<Cpu>> + Send + Sync + 'static) -> Self {
        Self { initial: Initial::Computed(Arc::new(values)), ..Self::new(shape, candle_nn::init::ZERO) }
    }

    /// Declares another dtype than `float32`.
    #[must_use]
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self
    }

    /// Declares that the row `row` starts as zeros, as `padding_idx` of an embedding does.
    #[must_use]
    pub fn zero_row(mut self, row: usize) -> Self {
        let rows = self.shape.dims().first().copied().unwrap_or(0);
        if row >= rows {
            return self.invalid(format!("row that starts as zeros, expected: less than {rows}, got: {row}"));
        }
        if let Initial::Drawn(init) = self.initial {
            self.initial = Initial::ZeroRow(init, row);
        }
        self
    }

    /// Declares that files of module versions before `version`, or without versions, may lack the entry: it then keeps
    /// the value that the model has, or else gets its initial one, if that does not depend on chance.
    ///
    /// Corresponds to the version rules of `_load_from_state_dict`, such as BatchNorm's for `num_batches_tracked`.
    #[must_use]
    pub fn since_version(mut self, version: u64) -> Self {
        self.since_version = Some(version);
        self
    }

    /// Declares that the layer computes as well with a transposed view as with elements that lie row by row: a load that
    /// finds them transposed in the file then leaves them so.
    #[must_use]
    pub(crate) fn strided(mut self) -> Self {
        self.strided = true;
        self
    }

    /// Declares that no data can satisfy the layer, and why; `init` and `load_state_dict` report it with the key.
    #[must_use]
    pub fn invalid(mut self, reason: impl Into<String>) -> Self {
        self.invalid = Some(reason.into());
        self
    }
}

impl fmt::Debug for Initial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(init) => write!(f, "{init:?}"),
            Self::ZeroRow(init, row) => write!(f, "{init:?}, zeros in row {row}"),
            Self::Computed(_) => f.write_str("computed"),
            Self::None => f.write_str("none"),
        }
    }
}
