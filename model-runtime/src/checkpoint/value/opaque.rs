//! An object of a class that is no data, kept without being constructed.

use std::sync::Arc;

use super::{Dict, Value};

/// An object of a class that is no data: its class and what its constructor and its state would have been.
///
/// Nothing of it was called. A reader that knows the class can still find everything in here.
pub struct Opaque {
    /// `module.name` of the class or function.
    pub(crate) global: Arc<str>,
    /// The constructor's arguments; `None` for the class or function itself.
    pub(crate) args: Value,
    /// `__dict__`, or what `__setstate__` would have been given; `None` if there is none.
    pub(crate) state: Value,
    /// Elements that were appended, for a subclass of `list` or `set`.
    pub(crate) items: Vec<Value>,
    /// Entries that were set, for a subclass of `dict`.
    pub(crate) entries: Dict,
    /// How the pickle makes it.
    pub(crate) construct: Construct,
    /// Why the tensor that the call makes cannot be read.
    pub(crate) unreadable: Option<Arc<str>>,
}

/// How a pickle makes an object of a class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Construct {
    /// It calls the class or function: `REDUCE`.
    #[default]
    Call,
    /// It calls `__new__`: `NEWOBJ`.
    New,
    /// It calls the object that is the first argument: `REDUCE`.
    CallObject,
    /// It calls `__new__` of the object that is the first argument: `NEWOBJ`.
    NewObject,
    /// With keyword arguments or several states: read as data, and in no form that could be written again.
    Other,
}

impl Construct {
    /// The same where what is called is an object.
    pub(crate) fn of_object(self) -> Self {
        match self {
            Self::Call | Self::CallObject => Self::CallObject,
            Self::New | Self::NewObject => Self::NewObject,
            Self::Other => Self::Other,
        }
    }
}

impl Opaque {
    /// A class or function that nothing has called.
    pub(crate) fn class(global: Arc<str>) -> Self {
        let (args, state) = (Value::None, Value::None);
        let (items, entries, construct) = (Vec::new(), Dict::default(), Construct::Call);
        Self { global, args, state, items, entries, construct, unreadable: None }
    }

    /// The class or function, as `module.name`. Where an object is called (a function or a class that was pickled by
    /// value), `operator.call` or `copyreg.__newobj__`: the object is the first argument.
    pub fn global(&self) -> &str {
        &self.global
    }

    /// The arguments of the constructor as a tuple; [`Value::None`] for a class or function that was not called.
    pub fn args(&self) -> &Value {
        &self.args
    }

    /// The state of the object, in most cases a dict of its attributes; [`Value::None`] if there is none.
    pub fn state(&self) -> &Value {
        &self.state
    }

    /// The elements that were appended, for a subclass of `list` or `set`.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// The entries that were set, for a subclass of `dict`.
    pub fn entries(&self) -> &Dict {
        &self.entries
    }

    /// Why this is no [`Value::Tensor`], for a call that makes a tensor: a sparse or a quantised one, a negated view. Its
    /// parts are in [`args`](Self::args), as PyTorch's function of that name takes them.
    pub fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// The attribute `name` of the state.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.state.get(name)
    }

    /// Whether no values are in it, as in a class that nothing has called.
    pub(super) fn is_empty(&self) -> bool {
        self.args.is_none() && self.state.is_none() && self.items.is_empty() && self.entries.is_empty()
    }

    pub(super) fn take_values(&mut self, pending: &mut Vec<Value>) {
        pending.extend([std::mem::take(&mut self.args), std::mem::take(&mut self.state)]);
        pending.append(&mut self.items);
        self.entries.take_values(pending);
    }
}

impl Drop for Opaque {
    fn drop(&mut self) {
        if self.is_empty() {
            return;
        }
        let mut pending = Vec::new();
        self.take_values(&mut pending);
        Value::drop_all(pending);
    }
}
