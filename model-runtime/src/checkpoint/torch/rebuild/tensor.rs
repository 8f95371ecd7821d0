//! Tensors and parameters, from the arguments of PyTorch's rebuild functions.

use std::sync::Arc;

use super::refused::refused;
use super::wrong_arguments;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::pickle::Call;
use crate::checkpoint::scalar_type::{ScalarType, StorageClass};
use crate::checkpoint::source::Source;
use crate::checkpoint::storage::StorageView;
use crate::checkpoint::tensor::{Layout, TensorInfo};
use crate::checkpoint::value::{Attributes, Value};

/// Whether `name` is a function that returns a tensor.
pub(super) fn is_rebuild(name: &str) -> bool {
    name.starts_with("torch._utils._rebuild_")
        || name.starts_with("torch._tensor._rebuild_")
        || is_parameter_class(name)
}

/// Whether `name` is a tensor class, which files of PyTorch 0.1 construct empty and then give a state.
pub(super) fn is_tensor_class(name: &str) -> bool {
    name.strip_prefix("torch.").is_some_and(|rest| {
        let class = rest.strip_prefix("cuda.").unwrap_or(rest);
        class.ends_with("Tensor") && !class.contains('.')
    })
}

fn is_parameter_class(name: &str) -> bool {
    matches!(name, "torch.nn.parameter.Parameter" | "torch.nn.Parameter")
}

/// Whether the result of `name` may be given a state: in files of PyTorch 0.1, whether gradients are required.
pub(super) fn takes_state(name: &str) -> bool {
    is_tensor_class(name) || is_variable_class(name) || is_parameter_class(name)
}

fn is_variable_class(name: &str) -> bool {
    name == "torch.autograd.variable.Variable"
}

/// The result of `Parameter(data)` or `Variable(data)` with the state `(requires_grad, volatile, hooks)`.
pub(super) fn with_state(call: &Call) -> Result<Value> {
    let (states, data) = (call.states.as_slice(), call.args.first());
    let invalid = || wrong_arguments("tensor, and a state (requires_grad, volatile, hooks)", &call.args);
    let (Some(Value::Tensor(tensor)), [state]) = (data, states) else { return Err(invalid()) };
    let Some([Value::Bool(requires_grad), _volatile, hooks]) = state.as_list() else { return Err(invalid()) };
    check_hooks(hooks)?;
    let tensor = TensorInfo::clone(tensor);
    let parameter = is_parameter_class(&call.global);
    let tensor = if parameter { tensor.into_parameter(*requires_grad)? } else { tensor };
    Ok(into_value(tensor))
}

/// What the rebuild function `name` returns for `args`.
pub(super) fn rebuild(name: &str, args: &[Value], source: &Arc<Source>) -> Result<Value> {
    match name {
        "torch._utils._rebuild_tensor" => plain_tensor(args),
        "torch._utils._rebuild_tensor_v2" => tensor_v2(args),
        "torch._utils._rebuild_tensor_v3" => tensor_v3(args),
        "torch._utils._rebuild_parameter" => parameter(args),
        "torch._utils._rebuild_parameter_with_state" => parameter_with_state(args),
        "torch._utils._rebuild_device_tensor_from_cpu_tensor" => from_cpu_tensor(args),
        "torch._tensor._rebuild_from_type" | "torch._tensor._rebuild_from_type_v2" => from_type(args, source),
        "torch._utils._rebuild_meta_tensor_no_storage" => meta_tensor(args, source),
        name if is_parameter_class(name) => parameter_call(args),
        name => Err(refused(name)),
    }
}

/// `torch.FloatTensor()` with the state `(storage, offset, size, stride)`.
pub(super) fn from_state(call: &Call) -> Result<Value> {
    match call.states.as_slice() {
        [state] => plain_tensor(state.as_list().unwrap_or_default()),
        _ => Err(CheckpointError::unsupported(format_args!("a `{}` without data", call.global))),
    }
}

/// The sizes or strides in a tuple, a list or a `torch.Size`.
pub(super) fn sizes(value: &Value) -> Result<Vec<usize>> {
    let invalid = |value: &Value| CheckpointError::damaged("a size or stride is out of range").got(value);
    match value {
        Value::Size(sizes) => Ok(sizes.to_vec()),
        Value::Tuple(items) | Value::List(items) => {
            items.iter().map(|item| item.as_usize().ok_or_else(|| invalid(item))).collect()
        }
        other => Err(CheckpointError::damaged("sizes or strides are no tuple").got(other.type_name())),
    }
}

/// `(storage, offset, size, stride)`.
fn plain_tensor(args: &[Value]) -> Result<Value> {
    match args {
        [storage, offset, size, stride] => tensor([storage, offset, size, stride], None, false).map(into_value),
        other => Err(wrong_arguments("storage, offset, size, stride", other)),
    }
}

/// `(storage, offset, size, stride, requires_grad, hooks[, metadata])`.
pub(super) fn tensor_v2(args: &[Value]) -> Result<Value> {
    match args {
        [storage, offset, size, stride, Value::Bool(requires_grad), hooks, metadata @ ..] if metadata.len() <= 1 => {
            let tensor = tensor([storage, offset, size, stride], None, *requires_grad)?;
            check_extras(hooks, metadata.first()).map(|()| into_value(tensor))
        }
        other => Err(wrong_arguments("storage, offset, size, stride, bool, hooks", other)),
    }
}

/// `(storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])`.
pub(super) fn tensor_v3(args: &[Value]) -> Result<Value> {
    match args {
        [storage, offset, size, stride, Value::Bool(requires_grad), hooks, dtype, metadata @ ..]
            if metadata.len() <= 1 =>
        {
            let dtype = scalar_type(dtype)?;
            let tensor = tensor([storage, offset, size, stride], Some(dtype), *requires_grad)?;
            check_extras(hooks, metadata.first()).map(|()| into_value(tensor))
        }
        other => Err(wrong_arguments("storage, offset, size, stride, bool, hooks, dtype", other)),
    }
}

/// `(data, requires_grad, hooks)`.
fn parameter(args: &[Value]) -> Result<Value> {
    match args {
        [data, Value::Bool(requires_grad), hooks] => {
            let parameter = as_parameter(data, *requires_grad)?;
            check_hooks(hooks).map(|()| parameter)
        }
        other => Err(wrong_arguments("tensor, bool, hooks", other)),
    }
}

/// `(data, requires_grad, hooks, state)`, with the attributes that Python code gave it.
fn parameter_with_state(args: &[Value]) -> Result<Value> {
    match args {
        [data, requires_grad, hooks, state] => {
            let parameter = parameter(&[data.clone(), requires_grad.clone(), hooks.clone()])?;
            with_attributes(parameter, |attributes| attributes.parameter = state.clone())
        }
        other => Err(wrong_arguments("tensor, bool, hooks, state", other)),
    }
}

/// `Parameter(data, requires_grad)`.
fn parameter_call(args: &[Value]) -> Result<Value> {
    match args {
        [data] => as_parameter(data, true),
        [data, Value::Bool(requires_grad)] => as_parameter(data, *requires_grad),
        other => Err(wrong_arguments("tensor, bool", other)),
    }
}

/// `(cpu_tensor, dtype, device, requires_grad)`, of devices whose storages PyTorch cannot save.
fn from_cpu_tensor(args: &[Value]) -> Result<Value> {
    match args {
        [Value::Tensor(tensor), Value::Dtype(dtype), Value::Str(_), Value::Bool(_)] if tensor.dtype() == *dtype => {
            Ok(Value::Tensor(Arc::clone(tensor)))
        }
        [data @ Value::Opaque(_), ..] => Err(no_tensor(data)),
        other => Err(wrong_arguments("tensor, dtype, str, bool", other)),
    }
}

/// `(function, class, args, state)`: a tensor with Python attributes, or of a subclass. The data are the tensor's.
fn from_type(args: &[Value], source: &Arc<Source>) -> Result<Value> {
    match args {
        [Value::Opaque(function), class @ Value::Opaque(_), Value::Tuple(args), state] if function.args().is_none() => {
            let name = function.global();
            let nested = name.starts_with("torch._tensor.") || !is_rebuild(name);
            let tensor = if nested { Err(refused(name)) } else { rebuild(name, args, source) }?;
            with_attributes(tensor, |attributes| {
                attributes.class = class.clone();
                attributes.state = state.clone();
            })
        }
        other => Err(wrong_arguments("function, class, tuple, state", other)),
    }
}

/// The tensor with more attributes.
fn with_attributes(tensor: Value, set: impl FnOnce(&mut Attributes)) -> Result<Value> {
    let Value::Tensor(tensor) = &tensor else { return Err(no_tensor(&tensor)) };
    let mut attributes = tensor.extras().cloned().unwrap_or_default();
    set(&mut attributes);
    Ok(into_value(TensorInfo::clone(tensor).with_extras(attributes)))
}

/// `(dtype, size, stride, requires_grad)`.
fn meta_tensor(args: &[Value], source: &Arc<Source>) -> Result<Value> {
    match args {
        [dtype, size, stride, Value::Bool(requires_grad)] => {
            let (dtype, shape, strides) = (scalar_type(dtype)?, sizes(size)?, sizes(stride)?);
            TensorInfo::meta(Layout { dtype, shape, strides, offset: 0 }, source, *requires_grad).map(into_value)
        }
        other => Err(wrong_arguments("dtype, size, stride, bool", other)),
    }
}

fn tensor(
    [storage, offset, size, stride]: [&Value; 4],
    dtype: Option<ScalarType>,
    requires_grad: bool,
) -> Result<TensorInfo> {
    let view = match storage {
        Value::Storage(view) => view,
        other => return Err(CheckpointError::damaged("the first argument is no storage").got(other.type_name())),
    };
    let invalid = || CheckpointError::damaged("the tensor's offset is out of range").got(offset);
    let offset = offset.as_usize().ok_or_else(invalid)?;
    let dtype = match dtype {
        Some(dtype) => dtype,
        None => element_type(view)?,
    };
    let (shape, strides) = (sizes(size)?, sizes(stride)?);
    TensorInfo::new(Layout { dtype, shape, strides, offset }, view, requires_grad)
}

fn element_type(view: &StorageView) -> Result<ScalarType> {
    match view.class {
        StorageClass::Typed(dtype) => Ok(dtype),
        StorageClass::Untyped => Ok(ScalarType::UInt8),
        StorageClass::Refused(name, _) => Err(CheckpointError::unsupported(format_args!("elements of type `{name}`"))),
    }
}

fn scalar_type(value: &Value) -> Result<ScalarType> {
    match value {
        Value::Dtype(dtype) => Ok(*dtype),
        Value::Opaque(other) if other.args().is_none() => {
            Err(CheckpointError::unsupported(format_args!("elements of type `{}`", other.global())))
        }
        other => Err(CheckpointError::damaged("the type of the elements is no dtype").got(other.type_name())),
    }
}

fn as_parameter(data: &Value, requires_grad: bool) -> Result<Value> {
    match data {
        Value::Tensor(tensor) => TensorInfo::clone(tensor).into_parameter(requires_grad).map(into_value),
        other => Err(no_tensor(other)),
    }
}

/// The error of an argument that should be a tensor: what keeps it from being read keeps what is made of it too.
fn no_tensor(value: &Value) -> CheckpointError {
    match value {
        Value::Opaque(object) if let Some(reason) = object.unreadable() => CheckpointError::unsupported(reason),
        other => CheckpointError::damaged("the argument is no tensor").got(other.type_name()),
    }
}

/// What makes a sound tensor one that cannot be read.
fn check_extras(hooks: &Value, metadata: Option<&Value>) -> Result<()> {
    check_hooks(hooks)?;
    check_metadata(metadata)
}

/// PyTorch does not save hooks: there is an empty dict in their place.
fn check_hooks(hooks: &Value) -> Result<()> {
    match hooks {
        Value::None => Ok(()),
        Value::Dict(dict) if dict.is_empty() => Ok(()),
        _ => Err(CheckpointError::unsupported("a tensor that was saved with backward hooks")),
    }
}

/// The bytes of a conjugated or negated view are those of the tensor it views.
fn check_metadata(metadata: Option<&Value>) -> Result<()> {
    let set = |key| metadata.and_then(|metadata| metadata.get(key)).is_some_and(|bit| bit.as_bool() != Some(false));
    match metadata {
        None | Some(Value::None) => Ok(()),
        Some(Value::Dict(_)) if set("conj") => {
            Err(CheckpointError::unsupported("a conjugated view; save `tensor.resolve_conj()` instead"))
        }
        Some(Value::Dict(_)) if set("neg") => Err(CheckpointError::unsupported(
            "a negated view: a state dict resolves it; or save `tensor.resolve_neg()` instead",
        )),
        Some(Value::Dict(_)) => Ok(()),
        Some(other) => Err(CheckpointError::damaged("the metadata of a tensor is no dict").got(other.type_name())),
    }
}

fn into_value(tensor: TensorInfo) -> Value {
    Value::Tensor(Arc::new(tensor))
}
