//! What sizes, strides and types a tensor over a storage may have: no product overflows, nothing reaches outside.

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::storage::StorageView;

/// The row-major strides of `shape`, in elements; `None` if they overflow. PyTorch counts empty dimensions as one.
pub(crate) fn contiguous_strides(shape: &[usize]) -> Option<Vec<usize>> {
    let mut step = 1usize;
    let mut strides = Vec::with_capacity(shape.len());
    for &dim in shape.iter().rev() {
        strides.push(step);
        step = step.checked_mul(dim.max(1))?;
    }
    strides.reverse();
    Some(strides)
}

pub(super) fn check_rank(shape: &[usize], strides: &[usize], limit: usize) -> Result<()> {
    if shape.len() != strides.len() {
        let error = CheckpointError::damaged("the shape and the strides differ in length");
        return Err(error.expected(format_args!("{} strides", shape.len())).got(strides.len()));
    }
    if shape.len() > limit {
        return Err(CheckpointError::limit("the tensor has too many dimensions", "rank", limit, shape.len()));
    }
    Ok(())
}

pub(super) fn check_element_type(dtype: ScalarType, view: &StorageView) -> Result<()> {
    match view.class {
        StorageClass::Typed(element) if element != dtype => {
            let error = CheckpointError::damaged("the tensor and its storage have different element types");
            Err(error.expected(element).got(dtype))
        }
        StorageClass::Refused(name, _) => Err(CheckpointError::unsupported(format_args!("elements of type `{name}`"))),
        StorageClass::Untyped => view.storage.view_as(dtype),
        StorageClass::Typed(_) => Ok(()),
    }
}

/// As `Tensor.requires_grad_` does.
pub(super) fn check_requires_grad(dtype: ScalarType, requires_grad: bool) -> Result<()> {
    if requires_grad && !dtype.is_differentiable() {
        return Err(CheckpointError::damaged("only tensors of floats can require gradients").got(dtype));
    }
    Ok(())
}

/// The product of all sizes that are not zero, so that a zero cannot hide an overflow.
pub(super) fn nonzero_product(shape: &[usize]) -> Option<usize> {
    shape.iter().filter(|dim| **dim != 0).try_fold(1usize, |product, dim| product.checked_mul(*dim))
}

/// The first byte and the number of bytes up to the end of the last element.
pub(super) fn byte_range(size: usize, shape: &[usize], strides: &[usize], offset: usize) -> Option<(usize, usize)> {
    let reach = |(dim, stride): (&usize, &usize)| dim.saturating_sub(1).checked_mul(*stride);
    let last = shape.iter().zip(strides).try_fold(0usize, |last, pair| last.checked_add(reach(pair)?))?;
    let extent = last.checked_add(1)?.checked_mul(size)?;
    Some((offset.checked_mul(size)?, extent))
}

pub(super) fn overflow(shape: &[usize], strides: &[usize]) -> CheckpointError {
    CheckpointError::damaged("the tensor's sizes overflow").got(format_args!("shape {shape:?}, strides {strides:?}"))
}
