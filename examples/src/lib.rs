//! What the examples share: the model that the digits checkpoints hold, and the images to try it on.

pub mod digits;
pub mod gpu;
pub mod terminal;
