//! The door between pickles and what they mean: globals, calls and persistent ids.

use std::sync::Arc;

use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::value::{Construct, Dict, Items, Opaque, Value};

/// What the classes, functions and persistent ids of a pickle mean.
pub(crate) trait Interpreter {
    /// The value of a class or function that stands for itself; `None` leaves it opaque.
    fn global(&mut self, name: &str) -> Option<Value>;

    /// The object that a persistent id names.
    fn persistent(&mut self, id: &Value) -> Result<Value>;

    /// Is told every class and function that the pickle names, before anything else.
    fn names(&mut self, _globals: Vec<Arc<str>>) {}

    /// What a call would have returned; [`Call::into_opaque`] for one that is not known.
    fn call(&mut self, call: Call) -> Result<Value>;
}

/// A call that the pickle asks for, and what it does with the result.
#[derive(Debug)]
pub(crate) struct Call {
    /// `module.name` of what is called.
    pub(crate) global: Arc<str>,
    pub(crate) args: Arc<Items>,
    /// Keyword arguments of `NEWOBJ_EX`.
    pub(crate) kwargs: Option<Value>,
    /// What is appended to the result.
    pub(crate) items: Vec<Value>,
    /// What is set in the result.
    pub(crate) entries: Vec<(Value, Value)>,
    /// The states that the result is given.
    pub(crate) states: Vec<Value>,
    /// How the result is made.
    pub(crate) construct: Construct,
}

impl Call {
    /// The object as data: nothing is called. Keyword arguments follow the others as a dict.
    pub(crate) fn into_opaque(self) -> Result<Value> {
        self.into_object().map(|object| Value::Opaque(Arc::new(object)))
    }

    /// The tensor that it would make, as its parts; `reason` says why it cannot be read.
    pub(crate) fn into_parts(self, reason: &str) -> Result<Value> {
        let mut object = self.into_object()?;
        object.unreadable = Some(reason.into());
        Ok(Value::Opaque(Arc::new(object)))
    }

    fn into_object(self) -> Result<Opaque> {
        let Self { global, args, kwargs, items, entries, mut states, construct } = self;
        let construct = if kwargs.is_some() || states.len() > 1 { Construct::Other } else { construct };
        let state = if states.len() > 1 { tuple(states) } else { states.pop().unwrap_or_default() };
        let args = match kwargs {
            None => Value::Tuple(args),
            Some(kwargs) => tuple(args.iter().cloned().chain([kwargs]).collect()),
        };
        let entries = dict(entries)?;
        Ok(Opaque { global, args, state, items, entries, construct, unreadable: None })
    }
}

/// The elements of a set, each once: the first of those that are equal.
pub(crate) fn distinct(items: Arc<Items>) -> Result<Arc<Items>> {
    let unhashable = |key: &Value| CheckpointError::damaged("this cannot be an element of a set").got(key.type_name());
    match Dict::repeated(&items).map_err(unhashable)? {
        repeated if repeated.is_empty() => Ok(items),
        repeated => {
            let kept = items.iter().enumerate().filter(|(at, _)| repeated.binary_search(at).is_err());
            Ok(Arc::new(kept.map(|(_, item)| item.clone()).collect::<Vec<_>>().into()))
        }
    }
}

/// The dict of `entries`, by Python's rules for keys.
pub(crate) fn dict(entries: Vec<(Value, Value)>) -> Result<Dict> {
    let unhashable = |key: Value| CheckpointError::damaged("this cannot be a key of a dict").got(key.type_name());
    Dict::from_entries(entries).map_err(unhashable)
}

pub(super) fn tuple(items: Vec<Value>) -> Value {
    Value::Tuple(Arc::new(items.into()))
}
