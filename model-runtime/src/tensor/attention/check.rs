//! Shapes of query, keys and values. candle's CPU kernels take them on trust, and read past the end where they do not fit.

use candle_core::Tensor;

use crate::error::{Error, Result};

/// Checks that all three have `rank` dimensions, of which the last is the features and `heads` the heads.
pub(super) fn shapes(op: &str, [q, k, v]: [&Tensor; 3], rank: usize, heads: usize) -> Result<()> {
    for (name, tensor) in [("q", q), ("k", k), ("v", v)] {
        if tensor.rank() != rank {
            return Err(invalid(op, format!("{rank} dimensions for `{name}`"), format!("{:?}", tensor.dims())));
        }
        let heads_fit = tensor.dims()[heads] > 0 && q.dims()[heads] % tensor.dims()[heads] == 0;
        if !heads_fit || tensor.dims()[rank - 1] != q.dims()[rank - 1] {
            let expected = format!("`{name}` with the features of `q`, and heads that divide those of `q`");
            return Err(invalid(op, expected, format!("q {:?}, {name} {:?}", q.dims(), tensor.dims())));
        }
        if tensor.dtype() != q.dtype() {
            let expected = format!("the dtype of `q`, {}, for `{name}`", q.dtype().as_str());
            return Err(invalid(op, expected, tensor.dtype().as_str().to_owned()));
        }
    }
    let others = |tensor: &Tensor| -> Vec<usize> {
        let dims = tensor.dims().iter().enumerate();
        dims.filter(|&(dim, _)| dim != heads).map(|(_, &size)| size).collect()
    };
    if others(k) != others(v) {
        return Err(invalid(op, "keys and values of one length", format!("k {:?}, v {:?}", k.dims(), v.dims())));
    }
    Ok(())
}

/// The error of an argument.
pub(super) fn invalid(op: &str, expected: impl std::fmt::Display, got: impl std::fmt::Display) -> Error {
    candle_core::Error::Msg(format!("{op}, expected: {expected}, got: {got}")).into()
}
