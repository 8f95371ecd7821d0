//! [`LoadOptions`]: what a load may overlook, rename and convert.

use std::sync::Arc;

use candle_core::DType;

use super::filter::Filter;
use super::rename::Rule;
use crate::error::Result;
use crate::transfer::{Callback, Progress};

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
    pub(super) filter: Filter,
    pub(super) dtype: DtypeRule,
    pub(super) seed: Option<u64>,
    pub(super) widen: bool,
    pub(super) progress: Option<Callback>,
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
        let (rules, filter, dtype) = (Vec::new(), Filter::default(), DtypeRule::Declared);
        Self { strict: true, rules, filter, dtype, seed: None, widen: false, progress: None }
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

    /// Renames every key of the file by a regular expression, as Python's `re.sub` does: every match is replaced. Groups are
    /// `$1` or `${1}` in the replacement, in the syntax of the crate [`regex`](https://docs.rs/regex).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let state = Linear::new(4, 2).init(Cpu)?.state_dict()?.rename(|key| format!("h.3.{key}"))?;
    /// let options = LoadOptions::new().rename_regex(r"^h\.(\d+)\.", "layers.$1.")?.strip_prefix("layers.3");
    /// assert!(Linear::new(4, 2).load_state_dict_with(&state, Cpu, &options).is_ok());
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The pattern is no regular expression, or the replacement names a group that it does not have.
    pub fn rename_regex(self, pattern: &str, replacement: &str) -> Result<Self> {
        Ok(self.rule(Rule::regex(pattern, replacement)?))
    }

    /// Adds `by` to the number after `path` in the file's keys: `renumber("layers", -1)` makes `layers.0.weight` of
    /// `layers.1.weight`. A number that would be negative stays.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let file = vec![Linear::new(2, 2).init(Cpu)?].state_dict()?.rename(|key| key.replace('0', "1"))?;
    /// assert_eq!(file.keys().next(), Some("1.weight"));
    /// let options = LoadOptions::new().renumber("", -1);
    /// assert!(vec![Linear::new(2, 2)].load_state_dict_with(&file, Cpu, &options).is_ok());
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn renumber(self, path: &str, by: i64) -> Self {
        self.rule(Rule::renumber(path, by))
    }

    /// Renames every key of the file by a function.
    pub fn rename_with(self, rename: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.rule(Rule::With(Arc::new(rename)))
    }

    /// Loads what is at this path and below it, and leaves out the rest: it keeps the value that the model has, and what
    /// the file has for it is ignored. For several paths call it several times. See [`except`](Self::except).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let start = vec![Linear::new(2, 2), Linear::new(2, 2)].init_seeded(Cpu, 1)?;
    /// let state = vec![Linear::new(2, 2), Linear::new(2, 2)].init_seeded(Cpu, 2)?.state_dict()?;
    /// let (net, report) = start.load_state_dict_with(&state, Cpu, &LoadOptions::new().only("0"))?;
    /// assert_eq!((report.loaded, report.left_out.len()), (2, 2));
    /// assert_eq!(net[1].weight.to_vec2::<f32>()?, start[1].weight.to_vec2::<f32>()?);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn only(mut self, path: &str) -> Self {
        self.filter.only(path);
        self
    }

    /// Leaves out what is at this path and below it, "everything but the head": the model's parameters there keep the
    /// values that the model has, and it must have some (`Net::new().init(device)?`); what the file has there is ignored.
    /// Everything else is as strict as ever. For several paths call it several times.
    ///
    /// A path is one of the model's, after the renames; `*` stands for one name: `except("layers.*.adapter")`. One that
    /// neither the model nor the file has is an error of the load. A tied tensor is left out only if all of its names are.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// #[derive(Module, Debug)]
    /// struct Net<D: Device> {
    ///     body: Linear<D>,
    ///     head: Linear<D>,
    /// }
    ///
    /// let net = |classes| Net { body: Linear::new(4, 4), head: Linear::new(4, classes) };
    /// let thousand_classes = net(1000).init(Cpu)?.state_dict()?;
    ///
    /// let options = LoadOptions::new().except("head");
    /// let (net, report) = net(10).init(Cpu)?.load_state_dict_with(&thousand_classes, Cpu, &options)?;
    /// assert_eq!(report.left_out, ["head.weight", "head.bias"]);
    /// assert_eq!(net.head.weight.dims(), [10, 4]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn except(mut self, path: &str) -> Self {
        self.filter.except(path);
        self
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

    /// Whether a dtype that candle lacks is read as a wider one that holds all of its values; the default is `false`, and
    /// such a tensor is an error that names its key.
    ///
    /// What is wider is told at [`StateDict::widen`](super::StateDict::widen). Floats then become those that the model
    /// declares, as any others; an `int8` or `uint16` also loads as any wider integer that the model declares. The
    /// [report](super::LoadReport::converted) lists them.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// # #[derive(Module, Debug)]
    /// # struct Net<D: Device> { weight: Param<D> }
    /// let net = Net { weight: Param::new(3, init::ZERO) };
    /// let header = br#"{"weight":{"dtype":"F8_E5M2","shape":[3],"data_offsets":[0,3]}}"#;
    /// let file = [&64u64.to_le_bytes()[..], header, b" ", &[0x3c, 0x3e, 0xc0]].concat();
    /// let state = Checkpoint::from_bytes(file)?.state_dict()?;
    /// assert!(net.load_state_dict(&state, Cpu).is_err());
    /// let (net, _) = net.load_state_dict_with(&state, Cpu, &LoadOptions::new().widen(true))?;
    /// assert_eq!(net.weight.to_vec1::<f32>()?, [1.0, 1.5, -2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn widen(mut self, widen: bool) -> Self {
        self.widen = widen;
        self
    }

    /// The seed of the initial values of `#[module(default)]` fields that the file lacks, as with
    /// [`init_seeded`](crate::Module::init_seeded); without it, it is drawn from the system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Calls `callback` while tensors are read from the file: from any thread, every few megabytes, one call at a time, and a
    /// last time when all are there. A load that reads nothing, since all tensors lie over a mapped file or none is wanted
    /// of the file, calls it once, with 0 of 0 bytes. Of several the last one counts.
    ///
    /// A load that fails while it reads ends without the last call. What follows, such as the converters of
    /// `#[module(with = ..)]`, can fail after it.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// use model_runtime::prelude::*;
    ///
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let path = folder.path().join("linear.pt");
    /// Linear::new(4, 2).init(Cpu)?.state_dict()?.save(&path)?;
    /// let last = Arc::new(Mutex::new(None));
    /// let seen = Arc::clone(&last);
    /// let options = LoadOptions::new().progress(move |progress| *seen.lock().unwrap() = Some(progress));
    ///
    /// Linear::new(4, 2).load_state_dict_with(&Checkpoint::open(&path)?.state_dict()?, Cpu, &options)?;
    /// let last = last.lock().unwrap().expect("the callback was called");
    /// assert_eq!((last.bytes_done, last.bytes_total, last.tensors), (40, 40, 2));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Callback::new(callback));
        self
    }

    fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}
