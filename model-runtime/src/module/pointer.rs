//! Modules behind `Box`, `Arc` and `Rc`: those of the module inside.
//!
//! A copy of the model on other devices has pointers of its own. What two pointers to one module share stays shared all the
//! same: its leaves are tied.

use std::rc::Rc;
use std::sync::Arc;

use super::forward::nobody;
use super::keys::Keys;
use super::walk::{Relocate, Walk, WalkMut};
use super::{Forward, HasData, Loaded, Module};
use crate::device::Placement;
use crate::error::Result;

macro_rules! pointer {
    ($pointer:ident, $walk_mut:expr) => {
        impl<M: Module> Module for $pointer<M> {
            type On<P: Placement> = $pointer<M::On<P>>;
            type After<P: Placement> = M::After<P>;
            const KEYS: Keys = M::KEYS;

            fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
                (**self).walk(walk);
            }

            fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
                let walk_mut: fn(&mut Self, &mut WalkMut<'_>) -> Result<()> = $walk_mut;
                walk_mut(self, walk)
            }

            fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
                $pointer::new((**self).relocate::<P>(walk))
            }
        }

        impl<M: Loaded> HasData for $pointer<M> {}

        forward!($pointer, ['x, X] &'x X);
        forward!($pointer, [A, B] (A, B));
        forward!($pointer, [A, B, C] (A, B, C));
        forward!($pointer, [A, B, C, E] (A, B, C, E));
    };
}

/// The call of the module inside. Not for every input at once, which would overlap the hidden impls of [`Forward`].
macro_rules! forward {
    ($pointer:ident, [$($generics:tt)*] $input:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*, M> Forward<$input> for $pointer<M>
        where
            M: Forward<$input>,
        {
            type Output = M::Output;

            #[inline]
            fn forward(&self, x: $input) -> Result<M::Output> {
                (**self).forward(x)
            }
        }

        nobody!([$($generics)*, M] $input, $input => $pointer<M>);
    };
}

pointer!(Box, |pointer, walk| (**pointer).walk_mut(walk));
// Not `make_mut`: for that, `M` would have to be `Clone` on every device.
pointer!(Arc, |pointer, walk| match Arc::get_mut(pointer) {
    Some(module) => module.walk_mut(walk),
    None => walk.shared(&**pointer),
});
pointer!(Rc, |pointer, walk| match Rc::get_mut(pointer) {
    Some(module) => module.walk_mut(walk),
    None => walk.shared(&**pointer),
});
