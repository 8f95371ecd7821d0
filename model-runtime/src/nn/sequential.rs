//! [`Sequential`]: layers one after the other, with PyTorch's keys `0.`, `1.`, ...

use crate::Module;
use crate::device::Placement;
use crate::error::Result;
use crate::module::forward::nobody;
use crate::module::keys::Keys;
use crate::module::walk::{Relocate, Walk, WalkMut};
use crate::module::{Forward, HasData, Loaded};

/// Layers one after the other: each is called with what the one before it returned.
///
/// Corresponds to [`torch.nn.Sequential`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html). The
/// layers are a tuple, or a `Vec` or an array of one type. A layer's index is its key, and layers without parameters
/// have one too:
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Clone, Debug)]
/// struct Mlp<D: Device> {
///     net: Sequential<(Linear<D>, ReLU, Linear<D>)>,
/// }
///
/// let mlp = Mlp { net: Sequential::new((Linear::new(4, 8), ReLU, Linear::new(8, 2))) };
/// let keys: Vec<_> = mlp.named_parameters().into_iter().map(|(key, _)| key).collect();
/// assert_eq!(keys, ["net.0.weight", "net.0.bias", "net.2.weight", "net.2.bias"]);
///
/// let mlp = mlp.init(Cpu)?;
/// let y = mlp.net.forward(&Tensor::zeros((3, 4), DType::F32, Cpu)?)?;
/// assert_eq!(y.dims(), [3, 2]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// A stack of more than eight different layers is a struct of your own whose fields have the indices as their keys,
/// `#[module(rename = "9")]`, or a `Sequential` of `Sequential`s if the keys are nested.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequential<L> {
    /// The layers.
    pub layers: L,
}

impl<L: Module> Sequential<L> {
    /// Layers one after the other.
    pub fn new(layers: L) -> Self {
        Self { layers }
    }
}

/// The layers' own keys: `Sequential` adds none.
impl<L: Module> Module for Sequential<L> {
    type On<P: Placement> = Sequential<L::On<P>>;
    type After<P: Placement> = L::After<P>;
    const KEYS: Keys = L::KEYS;

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        self.layers.walk(walk);
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        self.layers.walk_mut(walk)
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
        Sequential { layers: self.layers.relocate::<P>(walk) }
    }
}

impl<L: Loaded> HasData for Sequential<L> {}

nobody!(['x, X, L] &'x X, X => Sequential<L>);

/// # Errors
///
/// Those of the layers.
impl<X: Clone, M> Forward<&X> for Sequential<Vec<M>>
where
    M: for<'a> Forward<&'a X, Output = X>,
{
    type Output = X;

    fn forward(&self, x: &X) -> Result<X> {
        all(&self.layers, x)
    }
}

/// # Errors
///
/// Those of the layers.
impl<X: Clone, M, const N: usize> Forward<&X> for Sequential<[M; N]>
where
    M: for<'a> Forward<&'a X, Output = X>,
{
    type Output = X;

    fn forward(&self, x: &X) -> Result<X> {
        all(&self.layers, x)
    }
}

fn all<X: Clone, M>(layers: &[M], x: &X) -> Result<X>
where
    M: for<'a> Forward<&'a X, Output = X>,
{
    layers.iter().try_fold(x.clone(), |x, layer| layer.forward(&x))
}

/// A tuple's impl: the first layer and what it returns, then each other layer with what it takes, returns, and its index.
macro_rules! chain {
    ($first:ident $returned:ident -> $output:ident; $($layer:ident $taken:ident $returns:ident $index:tt),*) => {
        /// # Errors
        ///
        /// Those of the layers.
        impl<'x, X, $first, $returned, $($layer, $returns),*> Forward<&'x X> for Sequential<($first, $($layer,)*)>
        where
            $first: Forward<&'x X, Output = $returned>,
            $($layer: for<'a> Forward<&'a $taken, Output = $returns>,)*
        {
            type Output = $output;

            fn forward(&self, x: &'x X) -> Result<$output> {
                let x = self.layers.0.forward(x)?;
                $(let x = self.layers.$index.forward(&x)?;)*
                Ok(x)
            }
        }
    };
}

chain!(A Y0 -> Y0;);
chain!(A Y0 -> Y1; B Y0 Y1 1);
chain!(A Y0 -> Y2; B Y0 Y1 1, C Y1 Y2 2);
chain!(A Y0 -> Y3; B Y0 Y1 1, C Y1 Y2 2, E Y2 Y3 3);
chain!(A Y0 -> Y4; B Y0 Y1 1, C Y1 Y2 2, E Y2 Y3 3, F Y3 Y4 4);
chain!(A Y0 -> Y5; B Y0 Y1 1, C Y1 Y2 2, E Y2 Y3 3, F Y3 Y4 4, G Y4 Y5 5);
chain!(A Y0 -> Y6; B Y0 Y1 1, C Y1 Y2 2, E Y2 Y3 3, F Y3 Y4 4, G Y4 Y5 5, H Y5 Y6 6);
chain!(A Y0 -> Y7; B Y0 Y1 1, C Y1 Y2 2, E Y2 Y3 3, F Y3 Y4 4, G Y4 Y5 5, H Y5 Y6 6, I Y6 Y7 7);
