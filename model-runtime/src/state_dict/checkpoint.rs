//! From a checkpoint to its state dict.

use crate::checkpoint::Checkpoint;
use crate::error::Result;
use crate::state_dict::StateDict;

impl Checkpoint {
    /// The state dict in this checkpoint: the root if it is one, or the one entry that is.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
    /// // {"epoch": 8, "model_state_dict": .., "optimizer_state_dict": ..}
    /// let state = Checkpoint::open(path)?.state_dict()?;
    /// assert_eq!(state.keys().next(), Some("conv1.weight"));
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None is found, or several: the message lists them, and [`get`](Self::get) chooses one.
    pub fn state_dict(&self) -> Result<StateDict> {
        let raw = self.raw_state_dict()?;
        let file = self.path().map_or_else(|| "<bytes>".to_owned(), |path| path.display().to_string());
        let source = if raw.path.is_empty() { file } else { format!("{file} (`{}`)", raw.path) };
        Ok(StateDict::of_checkpoint(raw, source))
    }
}
