//! [`LoadReport`]: what a load matched, and everything that it could not.

use std::collections::{HashMap, HashSet};

use candle_core::DType;
use indexmap::IndexMap;

use crate::checkpoint::{ScalarType, Value};

/// What a load matched, and everything that it could not. Its text (`{}`) is one page.
///
/// Corresponds to the `missing_keys` and `unexpected_keys` that
/// [`load_state_dict`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict)
/// returns.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use = "a report that is not strict can hold missing and unexpected keys: look at it, or print it"]
pub struct LoadReport {
    /// The model's type.
    pub model: String,
    /// Where the state dict came from, if from a file.
    pub source: Option<String>,
    /// The number of the model's keys that the state dict fills.
    pub loaded: usize,
    /// The number of the model's keys.
    pub expected: usize,
    /// Keys of the model that the state dict lacks.
    pub missing: Vec<MissingKey>,
    /// Keys of the state dict that the model lacks.
    pub unexpected: Vec<String>,
    /// Keys of both whose shapes or dtypes differ, or under which the state dict has no tensor.
    pub mismatched: Vec<Mismatch>,
    /// Keys whose tensors cannot be read, with the reason.
    pub unreadable: Vec<(String, String)>,
    /// Keys of layers that were declared wrongly, with the reason.
    pub invalid: Vec<(String, String)>,
    /// Keys that got another dtype than the state dict has: from which, to which.
    pub converted: Vec<(String, ScalarType, DType)>,
    /// Keys that the state dict lacks, since it is of a version of the module without them: they have their own value, or
    /// their initial one.
    pub initial: Vec<String>,
    /// Keys that the state dict lacks and whose field is `#[module(default)]`: they have their own value, or their initial
    /// one.
    pub defaulted: Vec<String>,
    /// Keys that the options leave out ([`LoadOptions::only`](super::LoadOptions::only),
    /// [`except`](super::LoadOptions::except)): they have the model's own value.
    pub left_out: Vec<String>,
    /// Keys that the state dict has under an older name, from `#[module(alias = "..")]`: the key, and that name.
    pub aliased: Vec<(String, String)>,
    /// Keys that the state dict lacks and that share the tensor of another key.
    pub tied: Vec<(String, String)>,
    /// What would make most of it fit, in a sentence with the code to write.
    pub hint: Option<String>,
    /// The missing and unexpected keys that this would match.
    pub(super) explained: HashSet<String>,
    /// What is under the unexpected keys that have no tensor.
    pub(super) no_tensors: HashMap<String, String>,
}

/// A key of the model that the state dict lacks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MissingKey {
    /// The key.
    pub key: String,
    /// The shape that the model declares.
    pub shape: Vec<usize>,
    /// The unexpected key that is most like it, if one is.
    pub nearest: Option<String>,
}

/// A key under which the model and the state dict have something else: another shape or dtype, or no tensor.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mismatch {
    /// The key.
    pub key: String,
    /// What the model declares.
    pub expected: String,
    /// What the state dict has.
    pub got: String,
}

impl LoadReport {
    /// Notes what is under the unexpected keys that are among these.
    pub(super) fn say_what_is_no_tensor(&mut self, other: &IndexMap<String, Value>) {
        let no_tensor = |key: &String| Some((key.clone(), content(other.get(key)?)));
        self.no_tensors = self.unexpected.iter().filter_map(no_tensor).collect();
    }

    /// Whether every key of the model and of the state dict was accounted for.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && !self.is_broken()
    }

    /// Whether the names, shapes and dtypes are those of the model.
    pub(super) fn is_matched(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.mismatched.is_empty()
    }

    /// Whether something is wrong that no option overlooks.
    pub(super) fn is_broken(&self) -> bool {
        !(self.mismatched.is_empty() && self.unreadable.is_empty() && self.invalid.is_empty())
    }
}

/// A state dict that does not fit a model. Its text names every key that is wrong, and what would make it fit.
#[derive(Debug)]
pub struct LoadError(Box<LoadReport>);

impl LoadError {
    pub(super) fn new(report: LoadReport) -> Self {
        Self(Box::new(report))
    }

    /// Everything that did not match.
    pub fn report(&self) -> &LoadReport {
        &self.0
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt_error(f)
    }
}

impl std::error::Error for LoadError {}

/// What an entry without a tensor is, for a message.
pub(super) fn content(value: &Value) -> String {
    match value {
        Value::Opaque(object) if object.args().is_none() => format!("the class or function `{}`", object.global()),
        Value::Opaque(object) => format!("a call of `{}`, which is not made", object.global()),
        other => format!("a value of type `{}`", other.type_name()),
    }
}
