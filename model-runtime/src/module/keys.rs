//! [`Keys`]: the state-dict keys that a type declares, as a tree that is known while the program compiles.
//!
//! Every `Module` impl builds its own from those of its parts. Nothing looks at them but the check of
//! `#[module(manifest = "...")]`, and so they cost nothing where there is none.

/// The keys of a type, below the place where a value of it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Keys {
    /// None: configuration, and buffers that are not saved.
    None,
    /// The place itself: a parameter or a buffer.
    Leaf,
    /// Those of the parts, under their names.
    Parts(&'static [Part]),
    /// `0`, `1`, ..., as many as there are: a `Vec`.
    Indexed(&'static Keys),
    /// `0`, `1`, ... up to a fixed length: an array.
    Array(&'static Keys, usize),
    /// Any names: a map.
    Named(&'static Keys),
    /// All or nothing: an `Option`.
    Optional(&'static Keys),
    /// Any of them can be absent: a field with an initial value that stays.
    Lenient(&'static Keys),
    /// Those of one of the variants of an enum, each with its name.
    OneOf(&'static [(&'static str, Keys)]),
    /// Names that end in a layer's number, `weight_ih_l0`, and in `_reverse` if it has two directions. Of the groups of
    /// names the first is there, each other wholly or not at all.
    Recurrent(&'static [&'static [&'static str]]),
    /// Whatever there is: a field whose converter decides the names when it runs, and a type whose derive has reported a
    /// mistake, so that the check adds none.
    Any,
    /// Nobody knows, for this reason.
    Unknown(&'static str),
}

/// A part of a module.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name, then older names that a checkpoint may have in place of it. None: its keys are those of the whole.
    pub names: &'static [&'static str],
    /// Its keys.
    pub keys: Keys,
}

impl Keys {
    /// Those of a `Module` impl that does not say.
    pub(crate) const HAND_WRITTEN: Self = Self::Unknown(
        "its `impl Module` is written by hand; write `#[derive(Module)]` on the type, or remove `manifest`",
    );
    /// Those of a field whose type names the struct that it is in.
    pub const RECURSIVE: Self = Self::Unknown(
        "its type contains itself, and so there is no end of keys; remove `manifest` here, and write it on types without such a field",
    );
}
