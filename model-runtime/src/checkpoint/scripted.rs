//! The modules of a TorchScript archive: which attributes of each class are its parameters and buffers.

use std::collections::HashMap;

/// What the code of an archive declares, by the class as the pickle names it.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    modules: HashMap<String, ScriptedModule>,
}

/// One module class.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ScriptedModule {
    pub(super) parameters: Vec<String>,
    pub(super) buffers: Vec<String>,
}

impl Scripted {
    pub(super) fn get(&self, class: &str) -> Option<&ScriptedModule> {
        self.modules.get(class)
    }

    /// Whether the class was new.
    pub(super) fn insert(&mut self, class: String, module: ScriptedModule) -> bool {
        self.modules.insert(class, module).is_none()
    }
}
