//! What is read, saved and read again is the same.

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{SaveOptions, Value};

/// Pairs of values that are compared: a tree with its aliases written out can be a thousand times the file.
const COMPARED: usize = 10_000;

/// Saves the root and compares what the new file holds. A file saved again is the same file, byte for byte.
pub(crate) fn check(checkpoint: &Checkpoint) {
    let Some(first) = saved(checkpoint.root()) else { return };
    let again = match Checkpoint::from_bytes(first.clone()) {
        Ok(again) => again,
        Err(error) => panic!("what was saved cannot be read: {error}"),
    };
    assert!(saved(again.root()).is_some_and(|second| second == first), "saved twice, it is two files");
    let mut pending = vec![(checkpoint.root().clone(), again.root().clone())];
    for _ in 0..COMPARED {
        let Some((left, right)) = pending.pop() else { break };
        compare(&left, &right);
        pending.extend(children(&left).into_iter().zip(children(&right)));
    }
}

fn saved(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    value.write_torch(&mut bytes, &SaveOptions::new()).ok().map(|()| bytes)
}

fn compare(left: &Value, right: &Value) {
    assert_eq!(left.type_name(), right.type_name());
    match (left, right) {
        (Value::Tensor(left), Value::Tensor(right)) => {
            assert_eq!((left.dtype(), left.shape(), left.strides()), (right.dtype(), right.shape(), right.strides()));
            assert_eq!((left.offset(), left.location()), (right.offset(), right.location()));
            assert_eq!(left.requires_grad(), right.requires_grad());
            assert_eq!(left.storage().read().ok(), right.storage().read().ok());
        }
        (Value::Storage(left), Value::Storage(right)) => {
            assert_eq!((left.byte_offset(), left.nbytes()), (right.byte_offset(), right.nbytes()));
        }
        (left, right) if children(left).is_empty() && left.as_dict().is_none() => {
            assert!(matches!(left, Value::Opaque(_)) || left == right, "{left} became {right}");
        }
        (left, right) => assert_eq!(children(left).len(), children(right).len()),
    }
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => items.to_vec(),
        Value::Dict(dict) => dict.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect(),
        Value::Opaque(object) => vec![object.args().clone(), object.state().clone()],
        _ => Vec::new(),
    }
}
