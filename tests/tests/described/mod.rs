//! The fixtures, and tensors and trees in the words of the scripts that made them.

#![allow(dead_code, reason = "each test uses a part")]

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{TensorInfo, Value};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

pub fn json(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Files of a folder with this ending, in order.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(fixtures().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|other| other == ending));
    files.sort();
    files
}

pub fn describe(tensor: &TensorInfo) -> Json {
    let sha256: String =
        Sha256::digest(tensor.read_bytes().unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
    serde_json::json!([tensor.dtype().name(), tensor.shape(), sha256])
}

/// The tree as `make_distributed.py` renders it.
pub fn render(value: &Value) -> Json {
    match value {
        Value::Tensor(tensor) => serde_json::json!({ "__tensor__": describe(tensor) }),
        Value::Dict(dict) => {
            let key = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            Json::Object(dict.iter().map(|(name, value)| (key(name), render(value))).collect())
        }
        Value::List(items) | Value::Tuple(items) => items.iter().map(render).collect(),
        Value::None => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Str(text) => (**text).into(),
        other => panic!("{other}"),
    }
}

pub fn copy_folder(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}
