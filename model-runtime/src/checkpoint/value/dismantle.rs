//! Dropping values without recursion: the depth of a tree must not be bounded by the stack.

use std::sync::Arc;

use super::{Items, Value};
use crate::checkpoint::tensor::TensorInfo;

/// Elements of a tuple that are looked at to find out whether dropping it is simple.
const FEW: usize = 8;

impl Value {
    /// Whether values may be inside: an empty dict, a class and a tensor without extras have none.
    fn is_nested(&self) -> bool {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) | Self::FrozenSet(items) => !items.is_empty(),
            Self::Dict(dict) => !dict.is_empty() || dict.attributes().is_some() || dict.factory().is_some(),
            Self::Tensor(tensor) => tensor.extras().is_some(),
            Self::Opaque(opaque) => !opaque.is_empty(),
            _ => false,
        }
    }

    /// Whether values may be nested in here, other than a few plain ones like the sizes of a tensor.
    fn is_deep(&self) -> bool {
        match self {
            Self::List(items) | Self::Tuple(items) if items.len() <= FEW => items.iter().any(Self::is_nested),
            other => other.is_nested(),
        }
    }

    /// Moves the children out of a container that nobody else holds.
    fn dismantle(self, pending: &mut Vec<Self>) {
        match self {
            Self::List(items) | Self::Tuple(items) | Self::Set(items) | Self::FrozenSet(items) => {
                pending.extend(Arc::into_inner(items).into_iter().flat_map(|mut items| std::mem::take(&mut items.0)));
            }
            Self::Dict(dict) => Arc::into_inner(dict).into_iter().for_each(|mut dict| dict.take_values(pending)),
            Self::Opaque(opaque) => {
                Arc::into_inner(opaque).into_iter().for_each(|mut opaque| opaque.take_values(pending))
            }
            Self::Tensor(tensor) if tensor.extras().is_some() => {
                let extras = Arc::into_inner(tensor).and_then(TensorInfo::into_extras);
                extras.into_iter().for_each(|mut extras| extras.take_values(pending));
            }
            _ => {}
        }
    }

    /// Drops values, and what is in them, one after the other.
    pub(super) fn drop_all(mut pending: Vec<Self>) {
        while let Some(value) = pending.pop() {
            value.dismantle(&mut pending);
        }
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        if self.0.iter().any(Value::is_deep) {
            Value::drop_all(std::mem::take(&mut self.0));
        }
    }
}
