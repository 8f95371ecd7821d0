//! [`OptimizerState`]: what `optimizer.state_dict()` of PyTorch holds, by parameter.

mod group;
mod parameter;

use std::collections::HashSet;

use crate::checkpoint::{Checkpoint, CheckpointError, Value};
use crate::error::Result;

pub use group::ParamGroup;
pub use parameter::ParamState;

/// The keys of an optimizer's state dict.
const STATE: &str = "state";
const GROUPS: &str = "param_groups";

/// The state of a PyTorch optimizer, of whatever class: its groups of parameters with their options, and what it keeps for
/// each parameter (`step`, `exp_avg`, `momentum_buffer`, ..).
///
/// Nothing is run, and no option is known by name: an optimizer in Rust takes what it needs, and what is written is read by
/// `optimizer.load_state_dict(..)` of the same class in Python, which goes on as if it had never stopped.
///
/// Corresponds to [`torch.optim.Optimizer.state_dict`](
/// https://docs.pytorch.org/docs/stable/generated/torch.optim.Optimizer.state_dict.html).
///
/// ```
/// use model_runtime::checkpoint::Value;
/// use model_runtime::prelude::*;
/// use model_runtime::state_dict::{OptimizerState, ParamGroup, ParamState};
///
/// let momentum = Tensor::from_vec(vec![0.5f32, 0.25], 2, Cpu)?;
/// let mut group = ParamGroup::new([("lr", Value::from(0.1)), ("momentum", 0.9.into())]);
/// group.push("fc.weight", ParamState::new().with("momentum_buffer", &momentum));
/// let optimizer = OptimizerState::new([group]);
///
/// let checkpoint = Value::dict([("epoch", Value::from(3)), ("optimizer_state_dict", Value::from(&optimizer))]);
/// let read = OptimizerState::from_value(checkpoint.get("optimizer_state_dict").expect("an entry"))?;
/// assert_eq!(read.groups()[0].get("lr").and_then(Value::as_float), Some(0.1));
/// let state = read.get("fc.weight").expect("a parameter");
/// assert_eq!(state.tensor("momentum_buffer")?.to_vec1::<f32>()?, [0.5, 0.25]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OptimizerState {
    groups: Vec<ParamGroup>,
    /// What the file holds under keys that are no parameter's.
    other: Vec<(Value, Value)>,
}

impl OptimizerState {
    /// The state of an optimizer with these groups, in the order in which the Python side makes its own.
    pub fn new(groups: impl IntoIterator<Item = ParamGroup>) -> Self {
        Self { groups: groups.into_iter().collect(), other: Vec::new() }
    }

    /// The state in a dict with `state` and `param_groups`, as `torch.save` and `torch.distributed.checkpoint` write it:
    /// parameters are numbers, or their names.
    ///
    /// # Errors
    ///
    /// The value is no such dict, a group lists no `params`, or a parameter is in two groups.
    pub fn from_value(value: &Value) -> Result<Self> {
        let (Some(state), Some(groups)) = (value.get(STATE), value.get(GROUPS).and_then(Value::as_list)) else {
            let error = CheckpointError::not_found("this is no state of an optimizer").got(value);
            return Err(error.expected("a dict with `state` and a list `param_groups`").into());
        };
        let state = state.as_dict().ok_or_else(|| malformed("`state` is no dict", state))?;
        let (mut read, mut taken) = (Vec::new(), HashSet::new());
        for (at, group) in groups.iter().enumerate() {
            let named = |error: CheckpointError| error.at(format_args!("group {at}"));
            read.push(ParamGroup::read(group, state, &mut taken).map_err(named)?);
        }
        let other = state.iter().filter(|(_, state)| !taken.contains(&std::ptr::from_ref(*state).addr()));
        let other = other.map(|(id, state)| (id.clone(), state.clone())).collect();
        let optimizer = Self { groups: read, other };
        optimizer.check_names()?;
        Ok(optimizer)
    }

    /// The same state with names for its parameters: those of all groups one after the other, in the order in which the
    /// optimizer was given them. For `optim.AdamW(model.parameters())` this is the order of `named_parameters()`.
    ///
    /// Files of an optimizer that was made with `named_parameters()` have names already, in `param_names`.
    ///
    /// # Errors
    ///
    /// There are more or fewer names than parameters, or one name comes twice.
    pub fn with_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let count = self.groups.iter().map(ParamGroup::len).sum::<usize>();
        if names.len() != count {
            let error = CheckpointError::argument("the names are not as many as the optimizer's parameters");
            return Err(error.expected(count).got(names.len()).into());
        }
        let mut names = names.into_iter();
        for group in &mut self.groups {
            group.set_names(names.by_ref());
        }
        self.check_names()?;
        Ok(self)
    }

    /// The groups, in order.
    pub fn groups(&self) -> &[ParamGroup] {
        &self.groups
    }

    /// The groups, to change their options.
    pub fn groups_mut(&mut self) -> &mut [ParamGroup] {
        &mut self.groups
    }

    /// What is kept for the parameter of that name; `None` if no group has one of that name, or none has names.
    pub fn get(&self, name: &str) -> Option<&ParamState> {
        self.groups.iter().find_map(|group| group.state(name))
    }

    /// As [`get`](Self::get), to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut ParamState> {
        self.groups.iter_mut().find_map(|group| group.state_mut(name))
    }

    fn check_names(&self) -> Result<()> {
        let mut seen = HashSet::new();
        match self.groups.iter().flat_map(ParamGroup::names).find(|name| !seen.insert(*name)) {
            None => Ok(()),
            Some(name) => {
                let error = CheckpointError::argument("two parameters of the optimizer have one name");
                Err(error.got(format_args!("`{name}`")).into())
            }
        }
    }
}

/// The dict that `optimizer.load_state_dict(..)` takes, with its parameters numbered. One that has names has them in
/// `param_names` too.
impl From<&OptimizerState> for Value {
    fn from(optimizer: &OptimizerState) -> Self {
        let mut next = 0i64;
        let (mut state, mut groups) = (Vec::new(), Vec::new());
        for group in &optimizer.groups {
            groups.push(group.write(&mut next, &mut state));
        }
        state.extend(optimizer.other.iter().cloned());
        Self::dict([(STATE, Self::dict(state)), (GROUPS, Self::list(groups))])
    }
}

impl Checkpoint {
    /// The state of the optimizer in this checkpoint: the root if it is one, or the one entry that is.
    ///
    /// # Errors
    ///
    /// There is none, or more than one: [`get`](Self::get) chooses. Or it is malformed, see
    /// [`OptimizerState::from_value`].
    pub fn optimizer_state(&self) -> Result<OptimizerState> {
        let is_state = |value: &Value| value.get(STATE).is_some() && value.get(GROUPS).is_some();
        if is_state(self.root()) {
            return OptimizerState::from_value(self.root());
        }
        let entries = self.root().as_dict().into_iter().flat_map(|dict| dict.iter());
        let found: Vec<_> = entries.filter(|(_, value)| is_state(value)).collect();
        let error = match found.as_slice() {
            [(_, state)] => return OptimizerState::from_value(state),
            [] => CheckpointError::not_found("there is no state of an optimizer")
                .expected("a dict with `state` and `param_groups`")
                .fix("choose it with `checkpoint.get(\"...\")?`, and write `OptimizerState::from_value`"),
            [(first, _), ..] => {
                let names: Vec<_> = found.iter().map(|(key, _)| key.to_string()).collect();
                CheckpointError::not_found("there is more than one state of an optimizer")
                    .got(names.join(", "))
                    .fix(format_args!("choose one with `checkpoint.get({first})?`"))
            }
        };
        Err(error.into())
    }
}

fn malformed(what: &str, value: &Value) -> CheckpointError {
    CheckpointError::damaged(what).got(value.type_name())
}
