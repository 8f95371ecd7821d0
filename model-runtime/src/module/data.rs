//! The data of a leaf: a tensor, and the variable that it is while it is trained.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Tensor, Var};

use crate::error::Result;

/// The data that tied leaves share.
///
/// candle decides when it makes a tensor whether it is a variable, and one that is made of a tensor has memory of its own.
/// So what is set here is which of two tensors over one memory the leaf is.
pub(super) struct Data {
    /// What it was made from.
    tensor: Tensor,
    /// A variable over the memory of `tensor`, where the load made one.
    prepared: Option<Tensor>,
    /// What it is instead, once somebody has asked for a variable, or for none.
    trained: OnceLock<Trained>,
    requires_grad: AtomicBool,
}

/// A variable, and a plain tensor over its memory.
pub(crate) struct Trained {
    var: Tensor,
    plain: Tensor,
}

impl Trained {
    pub(super) fn var(&self) -> &Tensor {
        &self.var
    }
}

impl Data {
    pub(super) fn new(tensor: Tensor) -> Self {
        let requires_grad = AtomicBool::new(tensor.is_variable());
        Self { tensor, prepared: None, trained: OnceLock::new(), requires_grad }
    }

    /// A variable that nobody trains yet.
    pub(super) fn trainable(var: Tensor) -> Self {
        Self { prepared: Some(var.clone()), ..Self::new(var.detach()) }
    }

    /// The tensor that the leaf is now.
    #[inline]
    pub(super) fn tensor(&self) -> &Tensor {
        match self.trained.get() {
            None => &self.tensor,
            Some(trained) if self.requires_grad.load(Ordering::Relaxed) => &trained.var,
            Some(trained) => &trained.plain,
        }
    }

    /// A variable with this data, unless there is one already.
    pub(super) fn prepare_trained(&self) -> Result<Option<Trained>> {
        if self.trained.get().is_some() {
            return Ok(None);
        }
        if let Some(var) = self.prepared.clone() {
            return Ok(Some(Trained { var, plain: self.tensor.clone() }));
        }
        let var = Var::from_tensor(&self.tensor)?.into_inner();
        let plain = var.detach();
        Ok(Some(Trained { var, plain }))
    }

    pub(super) fn set_trained(&self, trained: Option<Trained>, requires_grad: bool) {
        if let Some(trained) = trained {
            self.trained.get_or_init(|| trained);
        }
        self.requires_grad.store(requires_grad, Ordering::Relaxed);
    }
}
