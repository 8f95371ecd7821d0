//! The state dict of a whole module: one that was pickled, or one of a TorchScript archive.

use std::collections::HashSet;

use super::hooks;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::scripted::Scripted;
use crate::checkpoint::value::{Dict, Opaque, Value};

/// Bytes of a key that is made of the names of nested modules.
const MAX_KEY: usize = 64 << 10;
/// Bytes of all keys together: a module that is shared has its entries under each of its names.
const MAX_KEYS: usize = 64 << 20;

/// The buffer that BatchNorm has since its version 2.
const VERSION_2: &str = "num_batches_tracked";

/// The class of weights that are packed for a kernel.
const PACKED: &str = "torch.ScriptObject";

/// The state of a module and all modules inside, as `state_dict()` lists it.
#[derive(Debug, Default)]
pub(super) struct State<'a> {
    pub(super) entries: Vec<(String, &'a Value)>,
    /// The version of each module, by prefix.
    pub(super) versions: Vec<(String, u64)>,
    key_bytes: usize,
}

/// Whether the object is an instance of `torch.nn.Module`, whatever its class is called.
pub(super) fn is_module(object: &Opaque) -> bool {
    object.attribute("_parameters").is_some() && object.attribute("_modules").is_some()
}

/// What `state_dict()` of a pickled module gives: parameters, then buffers that are saved, then the modules inside.
pub(super) fn pickled(module: &Opaque) -> Result<State<'_>> {
    let mut state = State::default();
    let mut pending = vec![(String::new(), module)];
    while let Some((prefix, module)) = pending.pop() {
        hooks::check(module, &prefix)?;
        let unsaved: HashSet<&str> = match module.attribute("_non_persistent_buffers_set") {
            Some(Value::Set(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => HashSet::new(),
        };
        let is_saved = |name: &Value| !name.as_str().is_some_and(|name| unsaved.contains(name));
        let buffers = members(module, "_buffers", &prefix)?;
        let version = if buffers.iter().any(|(name, _)| name.as_str() == Some(VERSION_2)) { 2 } else { 1 };
        let tensors = members(module, "_parameters", &prefix)?;
        for (name, value) in tensors.into_iter().chain(buffers.into_iter().filter(|(name, _)| is_saved(name))) {
            if !value.is_none() {
                state.push(&prefix, name, value)?;
            }
        }
        for (name, value) in packed(module) {
            state.push(&prefix, name, value)?;
        }
        let mut inner = Vec::new();
        for (name, value) in members(module, "_modules", &prefix)? {
            match value {
                Value::None => {}
                Value::Opaque(module) if is_module(module) => inner.push((state.key(&prefix, name)?, &**module)),
                other => {
                    return Err(CheckpointError::damaged("a module inside the module is none")
                        .got(other.type_name())
                        .at(format_args!("key `{}`", state.key(&prefix, name)?)));
                }
            }
        }
        state.versions.push((prefix, version));
        pending.extend(inner.into_iter().rev());
    }
    Ok(state)
}

/// The entries of a dict of parameters, buffers or modules; a module of PyTorch 0.1 can lack one.
fn members<'a>(module: &'a Opaque, attribute: &str, prefix: &str) -> Result<Vec<(&'a Value, &'a Value)>> {
    match module.attribute(attribute) {
        None | Some(Value::None) => Ok(Vec::new()),
        Some(Value::Dict(dict)) => Ok(dict.iter().collect()),
        Some(other) => Err(CheckpointError::damaged(format_args!("`{attribute}` of a module is no dict"))
            .got(other.type_name())
            .at(format_args!("module `{prefix}`"))),
    }
}

/// What the quantised layers of PyTorch put into their state dict beside parameters and buffers: weights that are packed
/// for a kernel, and how the result is quantised.
fn packed(module: &Opaque) -> impl Iterator<Item = (&Value, &Value)> {
    let is_quantised = module.global().starts_with("torch.") && module.global().contains(".quantized.");
    let attributes = module.state().as_dict().into_iter().flat_map(Dict::iter);
    attributes.filter(move |(name, value)| match value {
        Value::Opaque(object) => object.global() == PACKED,
        Value::Float(_) => is_quantised && name.as_str() == Some("scale"),
        Value::Int(_) => is_quantised && name.as_str() == Some("zero_point"),
        _ => false,
    })
}

/// What `state_dict()` of a scripted module gives: what its code declares as parameters and buffers, then the modules
/// inside, in the order of the attributes.
pub(super) fn scripted<'a>(module: &'a Opaque, table: &Scripted) -> Result<State<'a>> {
    let mut state = State::default();
    let mut pending = vec![(String::new(), module)];
    while let Some((prefix, module)) = pending.pop() {
        let Some(class) = table.get(module.global()) else {
            return Err(CheckpointError::damaged(format_args!("the archive has no code for `{}`", module.global()))
                .fix("without it nobody knows which of its tensors are parameters; save the module again"));
        };
        for name in class.parameters.iter().chain(&class.buffers) {
            match module.attribute(name) {
                None | Some(Value::None) => {}
                Some(value) => state.push(&prefix, &Value::Str(name.as_str().into()), value)?,
            }
        }
        let mut inner = Vec::new();
        for (name, value) in module.state().as_dict().into_iter().flat_map(Dict::iter) {
            if let Value::Opaque(module) = value
                && table.get(module.global()).is_some()
            {
                inner.push((state.key(&prefix, name)?, &**module));
            }
        }
        pending.extend(inner.into_iter().rev());
    }
    Ok(state)
}

impl<'a> State<'a> {
    fn push(&mut self, prefix: &str, name: &Value, value: &'a Value) -> Result<()> {
        let key = self.key(prefix, name)?;
        self.entries.push((key, value));
        Ok(())
    }

    /// The key of `name` in the module at `prefix`.
    fn key(&mut self, prefix: &str, name: &Value) -> Result<String> {
        let no_name = || CheckpointError::damaged("a name in a module is no string").got(name.type_name());
        let key = super::join(prefix, name.as_str().ok_or_else(no_name)?);
        self.key_bytes = self.key_bytes.saturating_add(key.len());
        if key.len() > MAX_KEY || self.key_bytes > MAX_KEYS {
            let error = CheckpointError::damaged("the keys of the module's tensors are too long");
            return Err(error.expected(format_args!("at most {MAX_KEY} bytes, and {MAX_KEYS} of all")));
        }
        Ok(key)
    }
}
