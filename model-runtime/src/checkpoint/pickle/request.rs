//! What a pickle asks to be called, put together of its finished parts.

use std::sync::Arc;
use std::vec::Drain;

use super::graph::Object;
use super::grown::{Grown, check_settled, pairs};
use super::interpreter::Call;
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::value::{Construct, Value};

/// Bytes of the name of a function, in a message.
const MAX_NAME: usize = 80;

/// What it is to call an object, or to make one of a class that is no global, as a function of it and its arguments.
const CALL: &str = "operator.call";
const NEW: &str = "copyreg.__newobj__";

/// Functions whose result holds the arguments themselves: a method has its object, and a function of dill the globals,
/// a dict that is filled afterwards.
const HOLDERS: &[&str] = &["builtins.getattr", "dill._dill._create_function"];

/// Whether the result of a call holds its arguments themselves: what becomes of them is seen through it.
pub(super) fn holds_arguments(value: &Value) -> bool {
    matches!(value, Value::Opaque(object) if HOLDERS.contains(&object.global()))
}

/// The call of `object`, which the opcode at `made` asks for, and what is wrong with it if something is made of its
/// arguments. Its parts come as [`Graph::child`] numbers them.
pub(super) fn prepare(
    object: &Object,
    made: u32,
    mut parts: Drain<'_, Grown>,
) -> Result<(Call, Option<CheckpointError>)> {
    let (callable, args) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let late = check_settled(&args, made).err().map(|error| match &callable.value {
        Value::Opaque(callee) => error.at(clip(callee.global(), MAX_NAME)),
        _ => error,
    });
    let (mut kwargs, mut items, mut entries, mut states) = (None, Vec::new(), Vec::new(), Vec::new());
    if let Some(more) = &object.more {
        kwargs = more.kwargs.and_then(|_| parts.next()).map(|part| part.value);
        items = parts.by_ref().take(more.items.len()).map(|part| part.value).collect();
        entries = pairs(&mut parts, more.entries.len());
        for ((_, at), state) in more.states.iter().zip(parts) {
            check_settled(&state, *at)?;
            states.push(state.value);
        }
    }
    let (global, callee) = callee(callable.value, object.construct)?;
    let Value::Tuple(args) = args.value else {
        return Err(CheckpointError::damaged("the arguments of a call hold the call").at(global));
    };
    let (args, construct) = match callee {
        None => (args, object.construct),
        Some(callee) => (
            Arc::new([callee].into_iter().chain(args.iter().cloned()).collect::<Vec<_>>().into()),
            object.construct.of_object(),
        ),
    };
    // Written again, the call would get its arguments as they are at the end.
    let construct = if late.is_some() { Construct::Other } else { construct };
    Ok((Call { global, args, kwargs, items, entries, states, construct }, late))
}

/// The function that is called; where an object is called (a class that was pickled by value), one that does it, and the
/// object, which is its first argument.
fn callee(callable: Value, construct: Construct) -> Result<(Arc<str>, Option<Value>)> {
    match callable {
        Value::Opaque(callee) if callee.args.is_none() => Ok((Arc::clone(&callee.global), None)),
        object @ (Value::Opaque(_) | Value::Recursive) => {
            let function = if construct == Construct::Call { CALL } else { NEW };
            Ok((function.into(), Some(object)))
        }
        other => Err(CheckpointError::damaged("the callee is no class or function").got(other.type_name())),
    }
}
