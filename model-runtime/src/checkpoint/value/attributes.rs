//! What Python code adds to a tensor: a class of its own, and attributes.

use super::Value;

/// The class of every tensor that is no subclass.
const TENSOR: &str = "torch.Tensor";

/// The parts of `_rebuild_from_type_v2` and `_rebuild_parameter_with_state` that are not the tensor itself. `None` is
/// where a file says nothing.
#[derive(Clone, Default)]
pub(crate) struct Attributes {
    /// The class of the tensor.
    pub(crate) class: Value,
    /// The attributes of the tensor: a dict, or `(dict, slots)`.
    pub(crate) state: Value,
    /// The attributes of the parameter around the tensor.
    pub(crate) parameter: Value,
}

impl Attributes {
    /// What was set on the parameter, or else on the tensor.
    pub(crate) fn set(&self) -> Option<&Value> {
        [&self.parameter, &self.state].into_iter().find(|state| !state.is_none())
    }

    /// The class, if it is a subclass.
    pub(crate) fn class_name(&self) -> Option<&str> {
        match &self.class {
            Value::Opaque(class) => Some(class.global()).filter(|name| *name != TENSOR),
            _ => None,
        }
    }

    /// Everything inside.
    pub(super) fn values(&self) -> [&Value; 3] {
        [&self.class, &self.state, &self.parameter]
    }

    pub(super) fn take_values(&mut self, pending: &mut Vec<Value>) {
        pending.extend([&mut self.class, &mut self.state, &mut self.parameter].map(std::mem::take));
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.take_values(&mut pending);
        Value::drop_all(pending);
    }
}
