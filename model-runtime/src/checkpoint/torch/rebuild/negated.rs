//! Views with the negative bit, which the tree keeps as their parts.

use super::tensor::{tensor_v2, tensor_v3};
use crate::checkpoint::tensor::TensorInfo;
use crate::checkpoint::value::{Opaque, Value};

/// What is stored of a view with the negative bit, if the object is one and not conjugated too.
pub(in crate::checkpoint) fn negated(object: &Opaque) -> Option<TensorInfo> {
    let args = object.args().as_list()?;
    let (tensor, metadata) = match object.global() {
        "torch._utils._rebuild_tensor_v2" => (tensor_v2(args.get(..6)?), args.get(6)?),
        "torch._utils._rebuild_tensor_v3" => (tensor_v3(args.get(..7)?), args.get(7)?),
        _ => return None,
    };
    let bit = |name| metadata.get(name)?.as_bool();
    if bit("neg") != Some(true) || !matches!(bit("conj"), None | Some(false)) {
        return None;
    }
    match tensor {
        Ok(Value::Tensor(tensor)) => Some(TensorInfo::clone(&tensor)),
        _ => None,
    }
}
