//! Crafted files, each named for what it attacks, with the verdict that is right for it.

pub mod distributed;
pub mod effects;
pub mod folders;
pub mod formats;
pub mod legacy;
pub mod others;
pub mod pickle;
pub mod pickles;
pub mod reducers;
pub mod safetensors;
pub mod tar;
pub mod tensors;
pub mod zip;
pub mod zips;

/// A file and what must become of it.
pub struct Case {
    pub name: String,
    pub bytes: Vec<u8>,
    pub verdict: Verdict,
}

/// What is right for a file.
pub enum Verdict {
    /// An error with this text: when it is opened, when the state dict is looked for, or when a tensor is read.
    Refused(&'static str),
    /// The tensor `w` has the floats 0 to 5, and the whole reads like this in part.
    Read(&'static str),
    /// The tensor `w` has the floats -0 to -5, and the whole reads like this in part.
    Negated(&'static str),
    /// The state dict names `w` as unreadable, for this reason.
    Unreadable(&'static str),
}

pub fn refused(name: impl Into<String>, bytes: Vec<u8>, text: &'static str) -> Case {
    Case { name: name.into(), bytes, verdict: Verdict::Refused(text) }
}

pub fn read(name: impl Into<String>, bytes: Vec<u8>, text: &'static str) -> Case {
    Case { name: name.into(), bytes, verdict: Verdict::Read(text) }
}

pub fn negated(name: impl Into<String>, bytes: Vec<u8>, text: &'static str) -> Case {
    Case { name: name.into(), bytes, verdict: Verdict::Negated(text) }
}

pub fn unreadable(name: impl Into<String>, bytes: Vec<u8>, text: &'static str) -> Case {
    Case { name: name.into(), bytes, verdict: Verdict::Unreadable(text) }
}

pub fn all() -> Vec<Case> {
    let parts = [
        pickles::cases(),
        reducers::cases(),
        effects::cases(),
        tensors::cases(),
        zips::cases(),
        legacy::cases(),
        tar::cases(),
        safetensors::cases(),
        others::cases(),
    ];
    parts.into_iter().flatten().collect()
}
