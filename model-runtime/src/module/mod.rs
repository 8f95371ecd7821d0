//! Models: [`Module`], what they are made of, and what every model can do.

mod buffer;
mod configuration;
mod containers;
mod convert;
mod data;
pub(crate) mod field;
pub(crate) mod forward;
mod grad;
mod initialise;
pub(crate) mod keys;
mod leaf;
mod loaded;
mod mode;
#[expect(clippy::module_inception, reason = "the trait is PyTorch's `Module`, and a file is called what it holds")]
mod module;
mod moving;
mod named;
mod once;
mod param;
mod path;
mod pointer;
mod relocate;
mod spec;
mod summary;
mod ties;
mod visitor;
pub(crate) mod walk;

pub use buffer::Buffer;
pub use forward::Forward;
pub use grad::Parameters;
pub use leaf::{Identity, Leaf, LeafKind};
pub use loaded::{HasData, Loaded};
pub use mode::Mode;
pub use module::Module;
pub use param::Param;
pub use spec::Spec;
pub use summary::Summary;

pub(crate) use convert::check_float;
pub(crate) use initialise::{has_initial, has_value, initial_values};
pub(crate) use once::Once;
pub(crate) use path::{below, join, module_of};
pub(crate) use summary::short_name;
