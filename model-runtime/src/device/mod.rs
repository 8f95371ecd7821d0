//! Devices as types: a tag such as [`Cpu`] or [`Cuda<0>`](Cuda) says where a tensor, a parameter or a model is.
//!
//! Tags are zero-sized values, so that a place is named the same way as a type and as an argument:
//! `Net<Cuda<0>>` is what `net.to(Cuda::<0>)?` returns. Building a tag never fails; using it does, with a
//! [`DeviceError`] that says whether the build lacks a feature, no device was found, or the ordinal is too large.
//!
//! | PyTorch | here |
//! |---|---|
//! | `"cpu"` | [`Cpu`] |
//! | `"cuda:1"` | [`Cuda::<1>`](Cuda) |
//! | `"mps"` | [`Metal::<0>`](Metal) |
//! | `"meta"` | [`Meta`] |
//! | `"cuda" if torch.cuda.is_available() else "cpu"` | [`Auto`] |

use std::fmt::Debug;

mod any;
mod auto;
#[cfg(feature = "cuda")]
#[path = "cuda.rs"]
mod cuda;
#[cfg(not(feature = "cuda"))]
#[path = "cuda_absent.rs"]
mod cuda;
mod dispatch;
mod error;
mod handle;
#[cfg(feature = "metal")]
#[path = "metal.rs"]
mod metal;
#[cfg(not(feature = "metal"))]
#[path = "metal_absent.rs"]
mod metal;
mod placement;
mod slot;
mod tag;

pub use any::AnyDevice;
pub use auto::Auto;
pub use error::DeviceError;
pub use placement::Placement;
pub use tag::{Cpu, Cuda, Meta, Metal};

#[doc(hidden)]
pub use dispatch::{not_compiled_in, not_dispatched};
#[doc(hidden)]
pub use placement::Then;
#[doc(hidden)]
pub use slot::Slot;
#[doc(hidden)]
pub use tag::Tag;

pub(crate) use handle::of as handle;
pub(crate) use tag::handle_of;

/// A place for tensors, as a type.
///
/// Models are generic over it: `struct Net<D: Device> { fc: Linear<D> }`. A tag selects no code, every operation is
/// there for every device, so the bound is all that a model ever writes.
///
/// Implemented by [`Meta`], [`Cpu`], [`Cuda`], [`Metal`], [`Auto`] and the tags that
/// [`device_slot!`](crate::device_slot) makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a device",
    label = "not a device",
    note = "devices are `Meta`, `Cpu`, `Cuda<N>`, `Metal<N>`, `Auto`, and what `device_slot!` makes"
)]
pub trait Device: Placement<First = Self, Rest = Self> + Copy + Default + Debug + Send + Sync + 'static {
    #[doc(hidden)]
    fn __tag() -> Tag;
}

/// A device that holds data: every [`Device`] but [`Meta`].
///
/// `forward` is written for `D: Compute`, so that a model that was declared and never loaded cannot be run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a device that holds data",
    label = "nothing can be computed there",
    note = "a device is a type: PyTorch's `\"cuda:0\"` is `Cuda::<0>`; one that is chosen at run time is `Auto`, \
            and `on_device!(device, |D| ...)` makes a type of an `AnyDevice`",
    note = "a model on `Meta` has no weights yet: call `load_state_dict` or `init` on it first",
    note = "in code that is generic over the device, write the bound `D: Compute`"
)]
pub trait Compute: Device {}

/// The name of the device of type `D`, in PyTorch's words: `cpu`, `cuda:0`, `mps`, `meta`.
///
/// A tag that is bound at run time is shown with what it is bound to.
///
/// ```
/// use model_runtime::device::{self, Cpu, Cuda};
///
/// assert_eq!(device::name::<Cpu>(), "cpu");
/// assert_eq!(device::name::<Cuda<1>>(), "cuda:1");
/// ```
pub fn name<D: Device>() -> String {
    D::__tag().to_string()
}
