//! [`LoadOptions`]: what a load may overlook, rename and convert.

use std::sync::Arc;

use candle_core::DType;

use super::rename::Rule;

/// What [`load_state_dict_with`](crate::Module::load_state_dict_with) may overlook, rename and convert.
///
/// The default is strict, renames nothing, and gives every tensor the dtype that the model declares: as PyTorch's
/// `load_state_dict` does, except that only floating-point dtypes are converted into each other.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let state = Linear::new(4, 2).init(Cpu)?.state_dict()?.rename(|key| format!("module.{key}"))?;
/// let options = LoadOptions::new().strip_prefix("module.").dtype(DType::F16);
/// let (net, report) = Linear::new(4, 2).load_state_dict_with(&state, Cpu, &options)?;
/// assert_eq!(net.weight.dtype(), DType::F16);
/// assert_eq!(report.converted.len(), 2);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a load is given them"]
pub struct LoadOptions {
    pub(super) strict: bool,
    pub(super) rules: Vec<Rule>,
    pub(super) dtype: DtypeRule,
    pub(super) seed: Option<u64>,
}

/// Which dtype a loaded tensor gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DtypeRule {
    /// The one that the model declares.
    Declared,
    /// The one that the file has.
    Kept,
    /// This one, for floating-point tensors.
    Floats(DType),
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { strict: true, rules: Vec::new(), dtype: DtypeRule::Declared, seed: None }
    }
}

impl LoadOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether missing and unexpected keys are errors; the default is `true`.
    ///
    /// Without it, a parameter that the file lacks keeps the value that the model has, so the model must have one: start
    /// from `Net::new().init(device)?`. As in PyTorch, a wrong shape stays an error.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Removes a prefix from the file's keys, where it is there: `"module."`.
    pub fn strip_prefix(self, prefix: &str) -> Self {
        self.rule(Rule::strip_prefix(prefix))
    }

    /// Puts a prefix before the file's keys: `"encoder."`.
    pub fn add_prefix(self, prefix: &str) -> Self {
        self.rule(Rule::add_prefix(prefix))
    }

    /// Renames a key of the file and all keys below it: `rename("fc", "head.fc")` makes `head.fc.weight` of `fc.weight`.
    pub fn rename(self, from: &str, to: &str) -> Self {
        self.rule(Rule::rename(from, to))
    }

    /// Renames every key of the file by a function.
    pub fn rename_with(self, rename: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.rule(Rule::With(Arc::new(rename)))
    }

    /// Gives every floating-point tensor this dtype, whatever the model declares and the file has: `f32`, `f16`, `bf16` or
    /// `f64`, else the load is an error. Of this and [`keep_dtype`](Self::keep_dtype) the last one counts.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = DtypeRule::Floats(dtype);
        self
    }

    /// Leaves every tensor the dtype that the file has, as PyTorch's `assign=True` does.
    pub fn keep_dtype(mut self) -> Self {
        self.dtype = DtypeRule::Kept;
        self
    }

    /// The seed of the initial values of `#[module(default)]` fields that the file lacks, as with
    /// [`init_seeded`](crate::Module::init_seeded); without it, it is drawn from the system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}
