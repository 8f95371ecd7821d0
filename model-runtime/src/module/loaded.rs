//! [`Loaded`]: whether a model has its data, as the compiler sees it.

use super::Module;

/// A module that has its data: on `D: Compute`, not on `Meta`.
///
/// `#[derive(Module)]` makes it so. It exists so that [`Module::to`] does not compile for a model that is only declared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no data to move",
    label = "declared on `Meta`, without data",
    note = "load or initialise it where it shall be: `net.load_state_dict(&state, device)?` or `net.init(device)?`",
    note = "in code that is generic over the device, write the bound `D: Compute`"
)]
pub trait Loaded: Module {}

#[diagnostic::do_not_recommend]
impl<M: Module + HasData> Loaded for M {}

/// What `#[derive(Module)]` implements for `D: Compute`: behind [`Loaded`], so that a model without data is told in the
/// words of that, and not that `Meta` is not `Compute`.
#[doc(hidden)]
pub trait HasData {}
