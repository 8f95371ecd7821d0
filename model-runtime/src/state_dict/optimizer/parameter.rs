//! [`ParamState`]: what an optimizer keeps for one parameter.

use std::sync::Arc;

use candle_core::DType;

use super::malformed;
use crate::checkpoint::{CheckpointError, Dict, TensorInfo, Value};
use crate::device::Cpu;
use crate::error::{Error, Result};
use crate::state_dict::Entry;
use crate::tensor::Tensor;

const STEP: &str = "step";

/// What an optimizer keeps for one parameter: `step`, `exp_avg`, `exp_avg_sq`, `momentum_buffer`, .. . It is empty for a
/// parameter that was never stepped.
#[derive(Clone, Debug, Default)]
pub struct ParamState {
    entries: Dict,
}

impl ParamState {
    /// The state of a parameter that was never stepped.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same state with an entry more, or another value for it: a tensor, a number.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets an entry.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        // A string can be a key of any dict.
        drop(self.entries.insert(name, value));
    }

    /// Sets `step` as PyTorch has it: a tensor of one `float32` on the CPU.
    ///
    /// # Errors
    ///
    /// None for a tensor of one element. The signature is that of the tensor's constructor.
    pub fn set_step(&mut self, step: f32) -> Result<()> {
        self.set(STEP, &Tensor::from_vec(vec![step], (), Cpu)?);
        Ok(())
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names of what is kept, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|(name, _)| name.as_str())
    }

    /// An entry as the file has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entries.get(name)
    }

    /// How often the parameter was stepped: a tensor of one number, or a number as older files have it. `None` if the
    /// optimizer does not count.
    ///
    /// # Errors
    ///
    /// It is something else, or cannot be read.
    pub fn step(&self) -> Result<Option<f64>> {
        let step = match self.get(STEP) {
            None | Some(Value::None) => return Ok(None),
            Some(step) => step,
        };
        match step {
            Value::Float(step) => Ok(Some(*step)),
            Value::Tensor(info) if info.numel() == 1 => number(info).map(Some),
            other => match other.as_int().and_then(|step| i32::try_from(step).ok()) {
                Some(step) => Ok(Some(step.into())),
                None => Err(malformed("`step` is no number", other).into()),
            },
        }
    }

    /// A tensor that is kept, read into the CPU's memory.
    ///
    /// # Errors
    ///
    /// There is none of that name, or it cannot be read.
    pub fn tensor(&self, name: &str) -> Result<Tensor<Cpu>> {
        let none = || {
            let names: Vec<_> = self.names().collect();
            CheckpointError::not_found(format_args!("the optimizer keeps no tensor `{name}` for the parameter"))
                .expected(format_args!("one of `{}`", names.join("`, `")))
        };
        let info = self.get(name).and_then(Value::as_tensor).ok_or_else(none)?;
        Entry::of_file(name, Arc::clone(info)).read()
    }

    pub(super) fn read(state: &Value, id: &Value) -> Result<Self, CheckpointError> {
        let wrong = || malformed("the state of a parameter is no dict", state).at(format_args!("parameter {id}"));
        state.as_dict().cloned().map(|entries| Self { entries }).ok_or_else(wrong)
    }
}

impl From<&ParamState> for Value {
    fn from(state: &ParamState) -> Self {
        Self::from(state.entries.clone())
    }
}

/// The number in a tensor of one element.
fn number(info: &Arc<TensorInfo>) -> Result<f64> {
    let step = Entry::of_file(STEP, Arc::clone(info)).read()?.to_dtype(DType::F64)?;
    let values = step.flatten_all()?.to_vec1::<f64>()?;
    values.first().copied().ok_or_else(|| Error::NoData { key: STEP.to_owned() })
}
