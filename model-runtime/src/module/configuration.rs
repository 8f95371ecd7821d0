//! Plain configuration: types without parameters and buffers, which stay as they are when a model moves.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::keys::Keys;
use super::walk::{Relocate, Walk, WalkMut};
use super::{HasData, Module};
use crate::device::{Compute, Device, Placement};
use crate::error::Result;

macro_rules! configuration {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($generics)*> Module for $type {
                type On<P: Placement> = Self;
                type After<P: Placement> = P;
                const KEYS: Keys = Keys::None;

                #[inline]
                fn walk<'a>(&'a self, _walk: &mut Walk<'a, '_>) {}

                #[inline]
                fn walk_mut(&mut self, _walk: &mut WalkMut<'_>) -> Result<()> {
                    Ok(())
                }

                #[inline]
                fn relocate<P: Placement>(&self, _walk: &mut Relocate<'_>) -> Self {
                    self.clone()
                }
            }

            #[diagnostic::do_not_recommend]
            impl<$($generics)*> HasData for $type {}
        )*
    };
}

configuration!(
    [] (), [] bool, [] char, [] String, ['s] &'s str, [] Box<str>, [] Arc<str>, [] Rc<str>, ['s] Cow<'s, str>, [] PathBuf, [] Duration,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize,
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize,
    [] f32, [] f64, [] half::f16, [] half::bf16,
    [] NonZeroU32, [] NonZeroU64, [] NonZeroUsize, [] Range<usize>, [] RangeInclusive<usize>,
    [] candle_core::DType, [] candle_core::Shape, [] candle_nn::Activation, [] candle_nn::Init,
);

/// The tag of a device, as a field: where the struct is, and so it moves with it.
#[diagnostic::do_not_recommend]
impl<D: Device> Module for PhantomData<D> {
    type On<P: Placement> = PhantomData<P::First>;
    type After<P: Placement> = P::Rest;
    const KEYS: Keys = Keys::None;

    #[inline]
    fn walk<'a>(&'a self, _walk: &mut Walk<'a, '_>) {}

    #[inline]
    fn walk_mut(&mut self, _walk: &mut WalkMut<'_>) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn relocate<P: Placement>(&self, _walk: &mut Relocate<'_>) -> Self::On<P> {
        PhantomData
    }
}

#[diagnostic::do_not_recommend]
impl<D: Compute> HasData for PhantomData<D> {}
