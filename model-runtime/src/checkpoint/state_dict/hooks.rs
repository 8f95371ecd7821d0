//! Hooks of a pickled module that run in `state_dict()`: they add, rename and remove entries.

use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::value::{Opaque, Value};

/// The dicts of a module with such hooks.
const HOOKS: &[&str] = &["_state_dict_pre_hooks", "_state_dict_hooks"];
/// Hooks of PyTorch that leave the entries as they are: spectral norm notes its version.
const HARMLESS: &[&str] = &["torch.nn.utils.spectral_norm.SpectralNormStateDictHook"];
/// Bytes of the name of a hook, in a message.
const MAX_NAME: usize = 120;

/// Refuses a module with a hook that can change what `state_dict()` gives: the file says that it runs and not what it
/// does.
pub(super) fn check(module: &Opaque, prefix: &str) -> Result<()> {
    for attribute in HOOKS {
        let Some(hooks) = module.attribute(attribute) else { continue };
        let names = values(hooks).map(name);
        if let Some(name) = names.into_iter().find(|name| !HARMLESS.contains(&name.as_str())) {
            let what = "a hook of the module changes its state dict, in a way that is not in the file";
            let error = CheckpointError::unsupported(what).got(format_args!("`{}`", clip(&name, MAX_NAME)));
            return Err(error
                .at(format_args!("`{attribute}` of module `{prefix}`"))
                .fix("load the file in Python and save `model.state_dict()` instead"));
        }
    }
    Ok(())
}

/// The values of a dict, or of an object that is like one.
fn values(hooks: &Value) -> impl Iterator<Item = &Value> {
    let entries = match hooks {
        Value::Dict(dict) => Some(&**dict),
        Value::Opaque(object) => Some(object.entries()),
        _ => None,
    };
    entries.into_iter().flat_map(|entries| entries.iter()).map(|(_, hook)| hook)
}

/// The function, or the class of an object that is called; a method after the class that has it.
fn name(hook: &Value) -> String {
    let Value::Opaque(object) = hook else { return hook.type_name().to_owned() };
    match (object.global(), object.args().as_list()) {
        ("builtins.getattr", Some([Value::Opaque(of), Value::Str(method)])) => format!("{}.{method}", of.global()),
        (global, _) => global.to_owned(),
    }
}
