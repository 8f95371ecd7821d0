//! [`Placement`]: one device for all of a model, or one for each of its device parameters.

use super::{Auto, Cpu, Cuda, Device, Meta, Metal};

/// Where the device parameters of a model go: one device for all, or a tuple with one for each.
///
/// The n-th device parameter of a struct takes the n-th device; parameters past the end of a tuple take its last one.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Debug)]
/// struct Translator<A: Device, B: Device> {
///     encoder: Linear<A>,
///     decoder: Linear<B>,
/// }
///
/// let declared = Translator { encoder: Linear::new(4, 3), decoder: Linear::new(3, 2) };
/// let split: Translator<Auto, Cpu> = declared.init((Auto, Cpu))?;
/// let whole: Translator<Cpu, Cpu> = split.to(Cpu)?;
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say where a model goes",
    label = "not a device, nor a tuple of two to four devices",
    note = "a device is a type: PyTorch's `\"cuda:0\"` is `Cuda::<0>`; one that is chosen at run time is `Auto`, \
            and `on_device!(device, |D| ...)` makes a type of an `AnyDevice`",
    note = "write one device for the whole model, `net.to(Cpu)?`, or one for each device parameter, `net.to((Cuda::<0>, Cuda::<1>))?`"
)]
pub trait Placement: Copy {
    /// The device of the first device parameter.
    type First: Device;
    /// The placement of those after it.
    type Rest: Placement;
}

/// One impl for each device, and not one for all `D: Device`: with that, whatever is no placement would be asked to be a
/// device. `Device` has `Placement` as a supertrait, so that generic code can rely on it.
macro_rules! whole {
    ($([$($generics:tt)*] $device:ty),*) => {
        $(
            impl<$($generics)*> Placement for $device {
                type First = Self;
                type Rest = Self;
            }
        )*
    };
}

whole!([] Meta, [] Cpu, [const N: usize] Cuda<N>, [const N: usize] Metal<N>, [] Auto);

impl<A: Device, B: Device> Placement for (A, B) {
    type First = A;
    type Rest = B;
}

impl<A: Device, B: Device, C: Device> Placement for (A, B, C) {
    type First = A;
    type Rest = (B, C);
}

impl<A: Device, B: Device, C: Device, D: Device> Placement for (A, B, C, D) {
    type First = A;
    type Rest = (B, C, D);
}

/// The device `D`, then the placement `P`: what generated code builds the placement of a field from.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Then<D, P>(std::marker::PhantomData<(D, P)>);

impl<D: Device, P: Placement> Placement for Then<D, P> {
    type First = D;
    type Rest = P;
}
