//! For each path on standard input, prints a line of JSON: the tensors of the state dict or of the tree, or the error.

use std::io::BufRead;

use model_runtime::Checkpoint;
use model_runtime::checkpoint::{CheckpointError, TensorInfo, Value};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

fn main() {
    for path in std::io::stdin().lock().lines().map_while(Result::ok) {
        println!("{}", tensors(&path).unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
}

/// Every tensor with the keys that lead to it.
fn tensors(path: &str) -> Result<Json, CheckpointError> {
    let checkpoint = Checkpoint::open(path)?;
    let (mut found, mut unreadable) = (Vec::new(), false);
    let mut pending = vec![(Vec::new(), checkpoint.root().clone())];
    while let Some((path, value)) = pending.pop() {
        let inner = |key: Json| [path.as_slice(), &[key]].concat();
        match &value {
            Value::Tensor(tensor) if tensor.is_meta() => unreadable = true,
            Value::Tensor(tensor) => found.push(json!([path, describe(tensor)?])),
            Value::Unreadable(_) | Value::Opaque(_) => unreadable = true,
            Value::Dict(dict) => pending.extend(dict.iter().map(|(key, value)| (inner(key_of(key)), value.clone()))),
            Value::List(items) | Value::Tuple(items) => {
                pending.extend(items.iter().enumerate().map(|(at, value)| (inner(at.into()), value.clone())));
            }
            _ => {}
        }
    }
    Ok(json!({ "tensors": found, "unreadable": unreadable }))
}

fn key_of(key: &Value) -> Json {
    match (key.as_str(), key.as_int()) {
        (Some(text), _) => text.into(),
        (_, Some(number)) => number.into(),
        _ => key.to_string().into(),
    }
}

fn describe(tensor: &TensorInfo) -> Result<Json, CheckpointError> {
    let sha256: String = Sha256::digest(tensor.read_bytes()?).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!([tensor.dtype().name(), tensor.shape(), sha256]))
}
