//! What the classes and functions in PyTorch's pickles mean: a fixed list, matched by name; nothing is called.

mod negated;
mod persistent;
mod plain;
mod refused;
mod tensor;

use std::sync::Arc;

pub(in crate::checkpoint) use negated::negated;
pub(super) use persistent::storage_class;

use super::storages::Storages;
use crate::checkpoint::error::{CheckpointError, CheckpointErrorKind, Result};
use crate::checkpoint::pickle::{Call, Interpreter};
use crate::checkpoint::scalar_type::ScalarType;
use crate::checkpoint::value::Value;

/// Makes tensors, dicts and plain values of the calls in a pickle.
#[derive(Debug)]
pub(super) struct Rebuild {
    pub(super) storages: Storages,
    views: persistent::Views,
    /// The classes and functions that the pickle names.
    pub(super) globals: Vec<Arc<str>>,
}

impl Rebuild {
    pub(super) fn new(storages: Storages) -> Self {
        Self { storages, views: persistent::Views::default(), globals: Vec::new() }
    }
}

impl Interpreter for Rebuild {
    fn names(&mut self, globals: Vec<Arc<str>>) {
        self.globals = globals;
    }

    fn global(&mut self, name: &str) -> Option<Value> {
        name.strip_prefix("torch.").and_then(ScalarType::from_name).map(Value::Dtype)
    }

    fn persistent(&mut self, id: &Value) -> Result<Value> {
        persistent::object(id, &mut self.storages, &mut self.views)
    }

    fn call(&mut self, call: Call) -> Result<Value> {
        let global = Arc::clone(&call.global);
        let result = match &*global {
            "collections.OrderedDict" | "collections.Counter" | "collections.defaultdict" => return plain::dict(call),
            _ if tensor::is_tensor_class(&global) && call.args.is_empty() => tensor::from_state(&call),
            "builtins.set" => plain::set(&call).map(Value::Set),
            "builtins.frozenset" => plain::set(&call).map(Value::FrozenSet),
            "builtins.complex" => plain::complex(&call),
            "builtins.bytes" => plain::bytes(&call).map(Value::Bytes),
            "builtins.bytearray" => plain::bytes(&call).map(Value::ByteArray),
            "_codecs.encode" => plain::encode(&call).map(Value::Bytes),
            "torch.Size" => plain::size(&call),
            "torch.device" => plain::device(&call),
            "torch.jit._pickle.restore_type_tag" => plain::first_argument(&call),
            name if name.starts_with("torch.jit._pickle.build_") => plain::first_argument(&call),
            name if !call.states.is_empty() && tensor::takes_state(name) => tensor::with_state(&call),
            name if tensor::is_rebuild(name) => tensor::rebuild(name, &call.args, self.storages.source()),
            _ => return call.into_opaque(),
        };
        let unchanged = call.items.is_empty() && call.entries.is_empty();
        if !unchanged || (!call.states.is_empty() && !tensor::takes_state(&global)) {
            return Err(CheckpointError::damaged(format_args!("the result of `{global}` is changed afterwards")));
        }
        match result {
            Err(error) if error.kind() == CheckpointErrorKind::Unsupported => call.into_parts(&error.reason()),
            other => other.map_err(|error| error.at(format_args!("`{global}`"))),
        }
    }
}

/// A call with other arguments than the function takes.
fn wrong_arguments(expected: &str, args: &[Value]) -> CheckpointError {
    let got = args.iter().map(Value::type_name).collect::<Vec<_>>().join(", ");
    CheckpointError::damaged("the arguments are not the function's")
        .expected(format_args!("({expected})"))
        .got(format_args!("({got})"))
}
