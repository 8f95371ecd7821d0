//! [`ParamGroup`]: parameters of an optimizer that share their options.

use std::collections::HashSet;

use serde::de::DeserializeOwned;

use super::{ParamState, malformed};
use crate::checkpoint::{CheckpointError, Dict, Value};
use crate::error::Result;

const PARAMS: &str = "params";
const NAMES: &str = "param_names";

/// Parameters that share their options: one entry of `param_groups`.
#[derive(Clone, Debug, Default)]
pub struct ParamGroup {
    /// Everything but the parameters, in the order of the file.
    options: Dict,
    params: Vec<(Option<String>, ParamState)>,
}

impl ParamGroup {
    /// A group without parameters. PyTorch takes options that it does not find from its defaults only if they are flags that
    /// older versions lacked (`maximize`, `foreach`, ..); `lr` and its like must be there.
    pub fn new<K: Into<Value>, V: Into<Value>>(options: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut group = Self::default();
        for (key, value) in options {
            // What is no key of a dict is no option.
            drop(group.options.insert(key, value));
        }
        group
    }

    /// Adds a parameter. Of one group all parameters have names or none has, so an empty name is none.
    pub fn push(&mut self, name: &str, state: ParamState) {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        self.params.push((name, state));
    }

    /// The number of parameters.
    pub fn len(&self) -> usize {
        self.params.len()
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.params.is_empty()
    }

    /// The option `name` as the file has it: `lr`, `betas`. One that a newer PyTorch added is `None` in older files.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.options.get(name)
    }

    /// Sets an option.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        // A string can be a key of any dict.
        drop(self.options.insert(name, value));
    }

    /// All options as a Rust type, by the names of its fields. `#[serde(default)]` is for those that older files lack.
    ///
    /// ```
    /// use model_runtime::checkpoint::Value;
    /// use model_runtime::state_dict::ParamGroup;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Adam {
    ///     lr: f64,
    ///     betas: (f64, f64),
    ///     #[serde(default)]
    ///     maximize: bool,
    /// }
    ///
    /// let group = ParamGroup::new([("lr", Value::from(0.01)), ("betas", Value::tuple([0.9, 0.999]))]);
    /// let options: Adam = group.options()?;
    /// assert_eq!((options.lr, options.betas, options.maximize), (0.01, (0.9, 0.999), false));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An option is missing or of another type; the message names it.
    pub fn options<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(Value::from(self.options.clone()).deserialize()?)
    }

    /// The names of the parameters, in order; empty if they have none.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().filter_map(|(name, _)| name.as_deref())
    }

    /// What is kept for each parameter, in order, with its name.
    pub fn params(&self) -> impl ExactSizeIterator<Item = (Option<&str>, &ParamState)> {
        self.params.iter().map(|(name, state)| (name.as_deref(), state))
    }

    /// As [`params`](Self::params), to change it.
    pub fn params_mut(&mut self) -> impl ExactSizeIterator<Item = (Option<&str>, &mut ParamState)> {
        self.params.iter_mut().map(|(name, state)| (name.as_deref(), state))
    }

    pub(super) fn state(&self, name: &str) -> Option<&ParamState> {
        self.params.iter().find(|(other, _)| other.as_deref() == Some(name)).map(|(_, state)| state)
    }

    pub(super) fn state_mut(&mut self, name: &str) -> Option<&mut ParamState> {
        self.params.iter_mut().find(|(other, _)| other.as_deref() == Some(name)).map(|(_, state)| state)
    }

    pub(super) fn set_names(&mut self, names: impl Iterator<Item = String>) {
        for ((name, _), new) in self.params.iter_mut().zip(names) {
            *name = Some(new);
        }
    }

    /// Reads a group, and adds the addresses of its parameters' states to `taken`.
    pub(super) fn read(group: &Value, state: &Dict, taken: &mut HashSet<usize>) -> Result<Self, CheckpointError> {
        let group = group.as_dict().ok_or_else(|| malformed("it is no dict", group))?;
        let ids = group.get(PARAMS).and_then(Value::as_list);
        let missing =
            || CheckpointError::damaged("it has no list `params`").expected("numbers, or names, of parameters");
        let ids = ids.ok_or_else(missing)?;
        let mut options = Dict::default();
        for (key, value) in group.iter().filter(|(key, _)| key.as_str() != Some(PARAMS)) {
            drop(options.insert(key.clone(), value.clone()));
        }
        let names = names(group, ids)?;
        let mut params = Vec::new();
        for (id, name) in ids.iter().zip(names) {
            params.push((name, parameter(id, state, taken)?));
        }
        Ok(Self { options, params })
    }

    /// The entry of `param_groups`, and the states of its parameters from number `next` on.
    pub(super) fn write(&self, next: &mut i64, state: &mut Vec<(Value, Value)>) -> Value {
        let mut ids = Vec::new();
        for (_, kept) in &self.params {
            ids.push(*next);
            // PyTorch has no entry for a parameter that was never stepped.
            if !kept.is_empty() {
                state.push((Value::from(*next), Value::from(kept)));
            }
            *next = next.saturating_add(1);
        }
        let mut group = self.options.clone();
        let names: Vec<_> = self.names().collect();
        if !names.is_empty() && names.len() == self.params.len() {
            drop(group.insert(NAMES, Value::list(names)));
        }
        drop(group.insert(PARAMS, Value::list(ids)));
        Value::from(group)
    }
}

/// The name of each parameter: from `param_names`, or its id where that is one.
fn names(group: &Dict, ids: &[Value]) -> Result<Vec<Option<String>>, CheckpointError> {
    let Some(names) = group.get(NAMES).filter(|names| !names.is_none()) else {
        let name = |id: &Value| id.as_str().filter(|text| text.parse::<i64>().is_err()).map(str::to_owned);
        return Ok(ids.iter().map(name).collect());
    };
    let texts = names.as_list().unwrap_or_default().iter().map(|name| name.as_str().map(str::to_owned));
    let texts: Vec<_> = texts.collect();
    if texts.len() != ids.len() || texts.contains(&None) {
        let error = CheckpointError::damaged("`param_names` does not name its parameters");
        return Err(error.expected(format_args!("{} strings", ids.len())).got(names));
    }
    Ok(texts)
}

/// What is kept for a parameter: nothing, until it was stepped.
fn parameter(id: &Value, state: &Dict, taken: &mut HashSet<usize>) -> Result<ParamState, CheckpointError> {
    let known = match (id.as_int(), id.as_str()) {
        // The keys of a distributed checkpoint are strings.
        (Some(number), _) => state.get_int(number).or_else(|| state.get(&number.to_string())),
        (_, Some(name)) => state.get(name),
        _ => return Err(malformed("the id of a parameter is no number and no name", id)),
    };
    let Some(found) = known else { return Ok(ParamState::new()) };
    if !taken.insert(std::ptr::from_ref(found).addr()) {
        return Err(CheckpointError::damaged("a parameter is in two groups").got(id));
    }
    ParamState::read(found, id)
}
