//! Tensors over mapped files, and every line of this crate that is `unsafe`.
//!
//! A checkpoint that is opened with [`Checkpoint::map`](crate::Checkpoint::map) is not copied: its tensors lie over the
//! file. That needs [`MappedAlloc`] as the program's global allocator; without it, everything is read, and the results
//! are the same. [`can_map`] tells which it is, and [`mapped`] how much lies over files now.
//!
//! | file | what is unsafe there |
//! |---|---|
//! | `mapped_alloc` | an allocator that recognises the pointers of mapped files |
//! | `mapping` | `Vec`s over the bytes of a file |
//! | `range`, `system` | the addresses that files are mapped into |
//! | `probe` | whether the allocator is there |
//! | `uninit`, `positional` | memory that is read into before it has contents |
//! | `pinned` | copies from pinned memory to CUDA devices, which go on after the call |
//! | `promise`, `map` | the caller's promise that a file does not change |
//! | `cast` | a reference to a candle tensor as one to the `Tensor<D>` that it is |

mod cast;
mod map;
mod mapped_alloc;
mod mapping;
#[cfg(feature = "cuda")]
mod pinned;
#[cfg(unix)]
mod positional;
mod probe;
mod promise;
mod range;
mod segments;
#[cfg_attr(not(unix), path = "system_absent.rs")]
mod system;
mod taken;
#[cfg(test)]
mod tests;
mod uninit;
mod usage;

pub use mapped_alloc::MappedAlloc;
pub use usage::{Mapped, can_map, mapped};

pub(crate) use cast::cast_ref;
pub(crate) use mapping::Mapping;
#[cfg(feature = "cuda")]
pub(crate) use pinned::{OnDevice, Pinned};
#[cfg(unix)]
pub(crate) use positional::read_exact_at;
pub(crate) use promise::Promise;
pub(crate) use uninit::{Part, Uninit, zeroed};
