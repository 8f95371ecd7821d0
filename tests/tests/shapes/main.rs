//! The shapes that a type with `#[derive(Module)]` can have: their keys are those of PyTorch's classes of the same shape.

mod enums;
mod fixture;
mod flatten;
mod nested;
mod renamed;
mod shared;
mod transparent;
