//! What the examples that need a GPU do on a machine that has none.

use model_runtime::prelude::*;

/// The value, or `None` after printing why the device cannot be used.
///
/// # Errors
///
/// Everything else that went wrong.
pub fn or_say_why<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Device(reason)) => {
            println!("{reason}");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
