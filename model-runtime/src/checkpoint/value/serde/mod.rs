//! Values from and to any Rust type that `serde` knows.

mod de;
mod ser;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;

use super::{Opaque, Value};
use crate::checkpoint::error::{CheckpointError, Result, clip};

/// Bytes of the name of a class in a message.
const MAX_CLASS: usize = 160;

impl Value {
    /// The value as a Rust type: hyper-parameters, an `argparse.Namespace`, Lightning's `hparams`, a list of classes.
    ///
    /// A dict or an object (its attributes) becomes a struct or a map; a list, a tuple or a set a sequence; `None` an
    /// empty `Option`. Integers become floats where floats are asked for. A `torch.dtype`, a `torch.device` and a class
    /// become text, a `torch.Size` a sequence. Tensors have no such form: [`Checkpoint::state_dict`] reads them, and they
    /// can stand in fields that the type does not ask for.
    ///
    /// ```
    /// use model_runtime::checkpoint::Value;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Hyper {
    ///     lr: f64,
    ///     layers: Vec<usize>,
    ///     name: Option<String>,
    /// }
    ///
    /// let value = Value::dict([("lr", Value::from(1)), ("layers", vec![64, 10].into()), ("name", Value::None)]);
    /// let hyper: Hyper = value.deserialize()?;
    /// assert_eq!((hyper.lr, hyper.layers, hyper.name), (1.0, vec![64, 10], None));
    /// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value has another form than the type; the message says which, and the key.
    ///
    /// [`Checkpoint::state_dict`]: crate::checkpoint::Checkpoint::state_dict
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T> {
        T::deserialize(de::Form(self)).map_err(CheckpointError::from)
    }

    /// The value of anything that can be serialised: a struct becomes a dict, `None` and `()` become `None`, a variant of
    /// an enum its name, or a dict from its name to what it holds.
    ///
    /// ```
    /// use model_runtime::checkpoint::Value;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Hyper {
    ///     lr: f64,
    ///     layers: (usize, usize),
    /// }
    ///
    /// let value = Value::from_serialize(&Hyper { lr: 0.1, layers: (64, 10) })?;
    /// assert_eq!(value, Value::dict([("lr", Value::from(0.1)), ("layers", Value::tuple([64, 10]))]));
    /// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A map whose keys no Python dict can have, or what the type's own serialisation returns.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        value.serialize(ser::Serializer).map_err(CheckpointError::from)
    }
}

/// What a type says against a value, and the keys on the way to it.
#[derive(Debug)]
pub(super) struct Mismatch {
    what: String,
    path: Vec<String>,
}

impl Mismatch {
    fn inside(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }

    /// Says that the value that does not fit is an object, of which class.
    fn of_object(mut self, object: &Opaque) -> Self {
        if self.path.is_empty() {
            let what = if object.state().is_none() { "a call of" } else { "an object of class" };
            let object = format!("{what} `{}`", clip(object.global(), MAX_CLASS));
            self.what = match self.what.strip_prefix("invalid type: map") {
                Some(rest) => format!("invalid type: {object}{rest}"),
                None => format!("{}, in {object}", self.what),
            };
        }
        self
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Mismatch {}

impl serde::de::Error for Mismatch {
    fn custom<T: std::fmt::Display>(what: T) -> Self {
        Self { what: what.to_string(), path: Vec::new() }
    }
}

impl serde::ser::Error for Mismatch {
    fn custom<T: std::fmt::Display>(what: T) -> Self {
        Self { what: what.to_string(), path: Vec::new() }
    }
}

impl From<Mismatch> for CheckpointError {
    fn from(mismatch: Mismatch) -> Self {
        let error = Self::argument(&mismatch.what);
        if mismatch.path.is_empty() { error } else { error.at(format_args!("key `{}`", mismatch.path.join("."))) }
    }
}

#[cfg(test)]
mod tests;
