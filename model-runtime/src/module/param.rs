//! [`Param<D>`]: a tensor that is trained.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use candle_core::{DType, Shape};
use candle_nn::Init;

use super::keys::Keys;
use super::leaf::{Leaf, LeafKind};
use super::walk::{Relocate, Walk, WalkMut};
use super::{HasData, Module, Spec};
use crate::device::{Compute, Device, Meta, Placement};
use crate::error::Result;
use crate::tensor::{Tensor, cast_ref};

macro_rules! leaf_type {
    ($(#[$meta:meta])* $name:ident, $kind:expr) => {
        $(#[$meta])*
        ///
        /// On a device that computes it is used like the tensor that it holds (`Deref`). Only `to` and `to_dtype` are those of
        /// a module, which take it by value: write `weight.tensor().to(device)?` for the tensor. A clone is the same parameter: two
        /// fields made from one by `clone` are *tied*, and stay so when the model is loaded, moved, saved and trained.
        #[derive(Clone)]
        pub struct $name<D: Device> {
            leaf: Leaf,
            device: PhantomData<D>,
        }

        impl $name<Meta> {
            /// Declares it from a [`Spec`].
            pub fn declare(spec: Spec) -> Self {
                Self::from_leaf(Leaf::declared($kind, spec))
            }

            /// Declares another dtype than `float32`. The declarations that it was tied to keep theirs.
            #[must_use]
            pub fn dtype(self, dtype: DType) -> Self {
                Self::from_leaf(self.leaf.redeclared(|spec| spec.dtype(dtype)))
            }
        }

        impl<D: Device> $name<D> {
            pub(crate) fn from_leaf(leaf: Leaf) -> Self {
                Self { leaf, device: PhantomData }
            }

            /// The shape, known before there is data.
            pub fn shape(&self) -> &Shape {
                self.leaf.shape()
            }

            /// The sizes of all dimensions.
            pub fn dims(&self) -> &[usize] {
                self.leaf.shape().dims()
            }

            /// The leaf as walks see it: without its device in the type.
            pub fn leaf(&self) -> &Leaf {
                &self.leaf
            }
        }

        impl<D: Compute> $name<D> {
            /// The tensor that it holds.
            #[inline]
            pub fn tensor(&self) -> &Tensor<D> {
                cast_ref(self.as_candle())
            }

            /// The candle tensor that it holds.
            #[inline]
            pub fn as_candle(&self) -> &candle_core::Tensor {
                self.leaf.tensor().expect("a leaf on a device that computes is only ever made from a tensor")
            }
        }

        impl<D: Compute> Deref for $name<D> {
            type Target = Tensor<D>;

            #[inline]
            fn deref(&self) -> &Tensor<D> {
                self.tensor()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<D: Device> Module for $name<D> {
            type On<P: Placement> = $name<P::First>;
            type After<P: Placement> = P::Rest;
            const KEYS: Keys = Keys::Leaf;

            fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
                walk.leaf(&self.leaf);
            }

            fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
                walk.leaf(&mut self.leaf)
            }

            fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
                $name::from_leaf(walk.leaf::<P::First>(&self.leaf))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<D: Compute> HasData for $name<D> {}

        impl<D: Device> fmt::Debug for $name<D> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let Self { leaf, .. } = self;
                let name = stringify!($name);
                write!(f, "{name}({:?}, {}, {})", leaf.shape().dims(), leaf.dtype().as_str(), leaf.device_name())
            }
        }
    };
}

pub(super) use leaf_type;

leaf_type! {
    /// A tensor that is trained: a weight, a bias.
    ///
    /// Corresponds to [`torch.nn.Parameter`](https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html).
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// #[derive(Module, Debug)]
    /// struct Scale<D: Device> {
    ///     weight: Param<D>,
    /// }
    ///
    /// let declared = Scale { weight: Param::new(3, init::ONE) };
    /// let scale = declared.init(Cpu)?;
    /// assert_eq!((&*scale.weight * 2.0)?.to_vec1::<f32>()?, [2.0, 2.0, 2.0]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    Param, LeafKind::Parameter
}

impl Param<Meta> {
    /// Declares a parameter: its shape, and the values that [`init`](Module::init) gives it. The dtype is `float32`.
    pub fn new(shape: impl Into<Shape>, init: Init) -> Self {
        Self::declare(Spec::new(shape, init))
    }
}

impl<D: Compute> Param<D> {
    /// A parameter that holds `tensor`, not trained until [`requires_grad`](Module::requires_grad) says so.
    pub fn from_tensor(tensor: Tensor<D>) -> Self {
        Self::from_leaf(Leaf::loaded(LeafKind::Parameter, tensor.into_candle()))
    }
}
