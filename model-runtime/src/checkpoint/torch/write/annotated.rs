//! Tensors of a subclass, and tensors and parameters with attributes, as their `__reduce_ex__` gives them.

use std::sync::Arc;

use super::storages::Storages;
use super::tensor::{UTILS, arguments, flags, function, plain};
use super::tree::Step;
use crate::checkpoint::error::Result;
use crate::checkpoint::pickle::{Encoder, Identity, OpCode};
use crate::checkpoint::tensor::TensorInfo;
use crate::checkpoint::value::Attributes;

/// What is written between the values of such a tensor.
pub(super) enum Part<'a> {
    /// `_rebuild_parameter`, or its form with a state, whose four arguments start with a mark.
    Parameter { has_state: bool },
    /// Whether gradients are required, and the hooks.
    Flags(bool),
    /// `_rebuild_from_type_v2`, a mark, and the function that makes the data.
    FromType(&'a TensorInfo),
    /// The arguments of that function.
    Arguments(&'a TensorInfo, bool),
    /// The data of a plain tensor.
    Plain(&'a TensorInfo, bool),
}

impl Part<'_> {
    pub(super) fn write(&self, encoder: &mut Encoder, storages: &mut Storages) -> Result<()> {
        match *self {
            Self::Parameter { has_state: false } => encoder.global(UTILS, "_rebuild_parameter"),
            Self::Parameter { has_state: true } => {
                encoder.global(UTILS, "_rebuild_parameter_with_state")?;
                encoder.op(OpCode::Mark);
                Ok(())
            }
            Self::Flags(requires_grad) => flags(encoder, requires_grad),
            Self::FromType(tensor) => {
                encoder.global("torch._tensor", "_rebuild_from_type_v2")?;
                encoder.op(OpCode::Mark);
                function(encoder, storages, tensor)
            }
            Self::Arguments(tensor, requires_grad) => arguments(encoder, storages, tensor, requires_grad),
            Self::Plain(tensor, requires_grad) => plain(encoder, storages, tensor, requires_grad, None),
        }
    }
}

/// `_rebuild_parameter_with_state(data, requires_grad, hooks, state)` around the data, where it is a parameter.
pub(super) fn steps<'a>(tensor: &'a Arc<TensorInfo>, extras: &'a Attributes) -> Vec<Step<'a>> {
    let identity = Some(Identity::Object("tensor", Arc::as_ptr(tensor).addr()));
    if !tensor.is_parameter() {
        return data(tensor, extras, tensor.requires_grad(), identity);
    }
    let has_state = !extras.parameter.is_none();
    let mut steps = vec![Step::Part(Part::Parameter { has_state })];
    steps.extend(data(tensor, extras, false, None));
    steps.push(Step::Part(Part::Flags(tensor.requires_grad())));
    if has_state {
        steps.push(Step::Value(&extras.parameter));
    }
    let len = if has_state { 4 } else { 3 };
    steps.extend([Step::Tuple(len, None), Step::Op(OpCode::Reduce), Step::Put(identity)]);
    steps
}

/// `_rebuild_from_type_v2(function, class, arguments, state)`, or the plain tensor that only a parameter can have added
/// attributes to.
fn data<'a>(
    tensor: &'a TensorInfo,
    extras: &'a Attributes,
    requires_grad: bool,
    identity: Option<Identity>,
) -> Vec<Step<'a>> {
    if extras.class.is_none() {
        return vec![Step::Part(Part::Plain(tensor, requires_grad))];
    }
    vec![
        Step::Part(Part::FromType(tensor)),
        Step::Value(&extras.class),
        Step::Part(Part::Arguments(tensor, requires_grad)),
        Step::Value(&extras.state),
        Step::Tuple(4, None),
        Step::Op(OpCode::Reduce),
        Step::Put(identity),
    ]
}
