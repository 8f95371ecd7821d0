//! [`Placement`]: the part of a struct's placement that a field gets.
//!
//! A placement is a list of devices that is handed out to the device parameters in order. Module parameters take as many as
//! they have device parameters themselves, which is not known here. With `struct Net<A: Device, M: Module, B: Device>`:
//!
//! | type of the field | devices | rest |
//! |---|---|---|
//! | `usize` | | all |
//! | `Linear<B>` | `B` | |
//! | `(Linear<B>, Linear<A>)` | `B`, `A` | |
//! | `M` | | from `M` on |
//! | `(Linear<B>, M)` | `B` | from `M` on |
//! | `(M, Linear<A>)` | cannot be placed: what follows `M` in the placement is `B` | |

use crate::param::{Kind, Param};

/// The placement of a field.
pub struct Placement {
    /// The devices that it starts with: positions among the struct's moving parameters.
    pub devices: Vec<usize>,
    /// Where to go on in the placement of the struct itself: a position among its moving parameters.
    pub rest: Option<usize>,
}

/// The placement of a field whose type mentions `mentioned`, in a struct whose moving parameters are `moving`.
///
/// `None` if there is none: after a module parameter only the parameters declared after it can follow, in their order.
pub fn of(moving: &[&Param<'_>], mentioned: &[&Param<'_>]) -> Option<Placement> {
    let position = |param: &Param<'_>| moving.iter().position(|other| other.ident == param.ident);
    let positions = mentioned.iter().map(|param| position(param)).collect::<Option<Vec<_>>>()?;
    let Some(module) = mentioned.iter().position(|param| param.kind == Kind::Module) else {
        let rest = if positions.is_empty() { Some(0) } else { None };
        return Some(Placement { devices: positions, rest });
    };
    let (devices, from_module) = positions.split_at(module);
    let in_order = from_module.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    in_order.then(|| Placement { devices: devices.to_vec(), rest: from_module.first().copied() })
}
