//! The arguments of a fixture's layer.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A constructor's arguments; all of them must be asked for.
pub struct Args {
    values: Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl Args {
    pub fn of(entry: &Value) -> Self {
        Self { values: entry["args"].as_object().unwrap().clone(), used: RefCell::default() }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.used.borrow_mut().insert(name.to_owned());
        self.values.get(name)
    }

    pub fn usize(&self, name: &str) -> usize {
        self.get(name).unwrap().as_u64().unwrap() as usize
    }

    pub fn size(&self, name: &str) -> Option<(usize, usize)> {
        self.get(name).map(|value| match value.as_array() {
            Some(sides) => (sides[0].as_u64().unwrap() as usize, sides[1].as_u64().unwrap() as usize),
            None => (value.as_u64().unwrap() as usize, value.as_u64().unwrap() as usize),
        })
    }

    pub fn isize(&self, name: &str) -> Option<isize> {
        self.get(name).map(|value| value.as_i64().unwrap() as isize)
    }

    pub fn f64(&self, name: &str) -> Option<f64> {
        self.get(name).map(|value| value.as_f64().unwrap())
    }

    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.as_bool().unwrap())
    }

    pub fn usize_if_any(&self, name: &str) -> Option<usize> {
        self.get(name).map(|_| self.usize(name))
    }

    /// Numbers that may be one for all sides, or a list.
    pub fn list(&self, name: &str) -> Option<Vec<f64>> {
        self.get(name).map(|value| match value.as_array() {
            Some(sides) => sides.iter().map(|side| side.as_f64().unwrap()).collect(),
            None => vec![value.as_f64().unwrap()],
        })
    }

    /// `momentum` may be given as `None`, which is not the default.
    pub fn momentum(&self, name: &str) -> Option<Option<f64>> {
        self.get(name).map(Value::as_f64)
    }

    pub fn check_all_used(&self) {
        let given: BTreeSet<_> = self.values.keys().cloned().collect();
        let ignored: Vec<_> = given.difference(&self.used.borrow()).cloned().collect();
        assert!(ignored.is_empty(), "arguments that this test does not know: {ignored:?}");
    }
}

/// Hands `layer` the argument `name`, if there is one.
macro_rules! set {
    ($layer:ident, $args:ident, $($name:ident: $get:ident),* $(,)?) => {
        $(let $layer = match $args.$get(stringify!($name)) {
            Some(value) => $layer.$name(value),
            None => $layer,
        };)*
    };
}

pub(crate) use set;
