//! What `#[derive(Module)]` asks of a field, beside that it is a module.

use std::marker::PhantomData;

use super::walk::{Relocate, Walk, WalkMut};
use super::{Buffer, Module};
use crate::device::{Device, Placement, Tag};
use crate::error::Result;

/// What becomes of a field is what the moved struct has in its place. Every type becomes itself, and nothing else.
///
/// `Linear<D>` becomes `Linear<Cuda<0>>`, and so says `Net<Cuda<0>>`. `Linear<Cpu>` becomes `Linear<Cuda<0>>` too, but there
/// the struct says `Linear<Cpu>`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this field cannot move with the model",
    label = "its devices are not the device parameters of the struct",
    note = "name a device parameter in place of a fixed device: `struct Net<D: Device> {{ fc: Linear<D> }}`",
    note = "an alias must take its devices in the order in which the type behind it does"
)]
pub trait Becomes<F> {
    fn becomes(self) -> F;
}

impl<T> Becomes<T> for T {
    #[inline]
    fn becomes(self) -> T {
        self
    }
}

/// A device that no program names: where [`Module::relocate_fixed`] moves a field to, to see whether it would stay as it is.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct AnotherDevice;

impl Device for AnotherDevice {
    fn __tag() -> Tag {
        Tag::Meta
    }
}

impl Placement for AnotherDevice {
    type First = Self;
    type Rest = Self;
}

/// With a single impl of `Becomes` in sight, rustc takes `F` from it and reports a wrong field as mismatched types, before
/// it asks whether the trait holds. One more impl, which nobody can call, keeps it from guessing.
mod uninhabited {
    use super::{Becomes, PhantomData};

    #[derive(Debug)]
    pub struct Never<T>(std::convert::Infallible, PhantomData<T>);

    #[diagnostic::do_not_recommend]
    impl<T> Becomes<Never<T>> for T {
        fn becomes(self) -> Never<T> {
            unreachable!("no field has this type")
        }
    }
}

/// A field with `#[module(persistent = false)]`: buffers that are not part of the state dict.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`persistent = false` is for buffers, and `{Self}` is none",
    label = "not a `Buffer`",
    note = "declare the field `Buffer<D>`, or remove `persistent = false`: parameters are always part of the state dict",
    note = "if it is a module that has such buffers, write `persistent = false` on them"
)]
pub trait Transient: Module {
    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        walk.transient(|walk| Module::walk(self, walk));
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        walk.transient(|walk| Module::walk_mut(self, walk))
    }

    fn relocate_into<P: Placement, F>(&self, walk: &mut Relocate<'_>) -> F
    where
        Self::On<P>: Becomes<F>,
    {
        walk.transient(|walk| Module::relocate_into::<P, F>(self, walk))
    }

    fn relocate_fixed(&self, walk: &mut Relocate<'_>) -> Self
    where
        Self::On<AnotherDevice>: Becomes<Self>,
    {
        walk.transient(|walk| Module::relocate_fixed(self, walk))
    }

    fn walk_field<'a>(&'a self, key: &str, walk: &mut Walk<'a, '_>) {
        walk.transient(|walk| Module::walk_field(self, key, walk));
    }

    fn walk_mut_field(&mut self, key: &str, walk: &mut WalkMut<'_>) -> Result<()> {
        walk.transient(|walk| Module::walk_mut_field(self, key, walk))
    }

    fn relocate_into_field<P: Placement, F>(&self, key: &str, walk: &mut Relocate<'_>) -> F
    where
        Self::On<P>: Becomes<F>,
    {
        walk.transient(|walk| Module::relocate_into_field::<P, F>(self, key, walk))
    }

    fn relocate_fixed_field(&self, key: &str, walk: &mut Relocate<'_>) -> Self
    where
        Self::On<AnotherDevice>: Becomes<Self>,
    {
        walk.transient(|walk| Module::relocate_fixed_field(self, key, walk))
    }
}

#[diagnostic::do_not_recommend]
impl<D: Device> Transient for Buffer<D> {}
#[diagnostic::do_not_recommend]
impl<B: Transient> Transient for Option<B> {}
#[diagnostic::do_not_recommend]
impl<B: Transient> Transient for Vec<B> {}
#[diagnostic::do_not_recommend]
impl<B: Transient, const N: usize> Transient for [B; N] {}
