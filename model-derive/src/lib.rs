//! The `#[derive(Module)]` macro of `model-runtime`.
