//! Well-known models, ported from their PyTorch classes, with files that PyTorch saved and the numbers that it computed.
//!
//! One file each, as a user would write it: the structs, their declaration, `forward`, and below that its tests. The files
//! are made by `tests/fixtures/architectures/make_architectures.py`, which has the PyTorch classes.

mod bert;
mod gpt2;
mod lstm_lm;
mod moe;
mod resnet;
mod support;
mod unet;
