//! [`Module`]: a model, or a part of one; and what every model can do.

use candle_core::DType;

use super::field::{AnotherDevice, Becomes};
use super::keys::Keys;
use super::walk::{Relocate, Walk, WalkMut};
use super::{Leaf, LeafKind, Loaded, Parameters, Summary, convert, grad, initialise, moving, named, summary};
use crate::device::{Meta, Placement};
use crate::error::Result;
use crate::state_dict::{LoadOptions, LoadReport, StateDict};

/// A model, or a part of one: parameters, buffers, layers, containers of them, and configuration.
///
/// Derive it: `#[derive(Module)]` on a struct makes every field a part of the state dict under its name. What a field is
/// is decided by this trait, so an alias or a re-export of a type works like the type. Where a struct has a `Drop` of its
/// own, it also runs on the copy that a failed load or move throws away, whose parameters may have no data.
///
/// Corresponds to [`torch.nn.Module`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html).
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Clone, Debug)]
/// struct Mlp<D: Device> {
///     fc1: Linear<D>,
///     fc2: Linear<D>,
/// }
///
/// impl<D: Compute> Forward<&Tensor<D>> for Mlp<D> {
///     type Output = Tensor<D>;
///     fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
///         self.fc2.forward(&self.fc1.forward(x)?.relu()?)
///     }
/// }
///
/// let mlp = Mlp { fc1: Linear::new(4, 8), fc2: Linear::new(8, 2) };
/// assert_eq!(mlp.num_parameters(), 4 * 8 + 8 + 8 * 2 + 2);
///
/// let mlp = mlp.init_seeded(Cpu, 0)?;
/// let y = mlp.forward(&Tensor::zeros((3, 4), DType::F32, Cpu)?)?;
/// assert_eq!(y.dims(), [3, 2]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a module",
    label = "neither a parameter, a buffer, a module nor plain configuration",
    note = "a tensor is declared `Param<D>` if it is trained, or `Buffer<D>` if it is saved and not trained",
    note = "a struct of your own needs `#[derive(Module)]`; for configuration without tensors write `#[module(skip)]` on the field",
    note = "state that is kept between calls, a cache or a hidden state, is no field: pass it to `forward`; in place of a `Box<dyn ...>` write an enum"
)]
pub trait Module: Sized {
    /// The same model on other devices: `Net<Cpu>::On<Cuda<0>>` is `Net<Cuda<0>>`.
    type On<P: Placement>: Module;

    /// What is left of a placement after this module's device parameters.
    #[doc(hidden)]
    type After<P: Placement>: Placement;

    /// The keys of the type, for `#[module(manifest = "...")]`.
    #[doc(hidden)]
    const KEYS: Keys = Keys::HAND_WRITTEN;

    // The walks by reference ask for what `relocate_into` asks for, so that a field that is no module is one error for
    // all three, in the same words.
    #[doc(hidden)]
    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>)
    where
        Self::On<Meta>: Sized;

    #[doc(hidden)]
    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()>
    where
        Self::On<Meta>: Sized;

    #[doc(hidden)]
    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P>;

    /// `relocate`, for a field of type `F` of the moved struct.
    #[doc(hidden)]
    #[inline]
    fn relocate_into<P: Placement, F>(&self, walk: &mut Relocate<'_>) -> F
    where
        Self::On<P>: Becomes<F>,
    {
        self.relocate::<P>(walk).becomes()
    }

    /// `relocate`, for a field whose type names no parameter of the struct: it must be the same on every device. One code
    /// for all placements, and a text without the names of generated code where a device is named.
    #[doc(hidden)]
    #[inline]
    fn relocate_fixed(&self, walk: &mut Relocate<'_>) -> Self
    where
        Self::On<AnotherDevice>: Becomes<Self>,
    {
        self.relocate::<AnotherDevice>(walk).becomes()
    }

    // The walks of a field under its key: here and not in generated code, so that fields of one type share them. They are
    // compiled for every type and every device: hence no closures, and no copy in each place that calls them.

    #[doc(hidden)]
    #[inline(never)]
    fn walk_field<'a>(&'a self, key: &str, walk: &mut Walk<'a, '_>)
    where
        Self::On<Meta>: Sized,
    {
        walk.enter(Some(key));
        self.walk(walk);
        walk.leave();
    }

    #[doc(hidden)]
    #[inline(never)]
    fn walk_mut_field(&mut self, key: &str, walk: &mut WalkMut<'_>) -> Result<()>
    where
        Self::On<Meta>: Sized,
    {
        walk.enter(Some(key));
        let result = self.walk_mut(walk);
        walk.leave();
        result
    }

    #[doc(hidden)]
    #[inline(never)]
    fn relocate_into_field<P: Placement, F>(&self, key: &str, walk: &mut Relocate<'_>) -> F
    where
        Self::On<P>: Becomes<F>,
    {
        walk.enter(Some(key));
        let moved = self.relocate::<P>(walk);
        walk.leave();
        moved.becomes()
    }

    #[doc(hidden)]
    fn relocate_fixed_field(&self, key: &str, walk: &mut Relocate<'_>) -> Self
    where
        Self::On<AnotherDevice>: Becomes<Self>,
    {
        walk.field(key, |walk| self.relocate_fixed(walk))
    }

    /// Moves the model: every parameter and every buffer, those that are not saved too.
    ///
    /// Corresponds to [`Module.to`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to).
    /// The old model is gone, so nothing can be left behind on the old device. Tied tensors stay tied on each
    /// device, trained parameters stay variables, and the mode (training or evaluation) stays as it is.
    ///
    /// # Errors
    ///
    /// The device is not available, or has not enough memory.
    fn to<P: Placement>(self, device: P) -> Result<Self::On<P>>
    where
        Self: Loaded,
    {
        moving::to(&self, device)
    }

    /// Builds the model on `map_location` from a state dict: every key of the dict and every field of the struct must
    /// match. It returns the loaded model; `self` stays as it is: `let net = net.load_state_dict(&state, Cpu)?`. (With
    /// `#[must_use]` on the struct, the compiler warns of a result that is thrown away.)
    ///
    /// Corresponds to `torch.load(path, map_location=device)` followed by
    /// [`load_state_dict`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.load_state_dict).
    /// All names, shapes and dtypes are compared before a byte of data is read. The location that the file was saved
    /// with plays no part. The result is ready for inference: in evaluation mode, its parameters not trained; see
    /// [`train`](Self::train) and [`requires_grad`](Self::requires_grad).
    ///
    /// # Errors
    ///
    /// [`LoadError`](crate::LoadError) with every key that is missing, unexpected, of another shape or dtype, or
    /// unreadable; the device is not available; the file cannot be read.
    fn load_state_dict<P: Placement>(&self, state: &StateDict, map_location: P) -> Result<Self::On<P>> {
        let (module, _) = self.load_state_dict_with(state, map_location, &LoadOptions::default())?;
        Ok(module)
    }

    /// [`load_state_dict`](Self::load_state_dict) with options: not strict, other names, another dtype.
    ///
    /// # Errors
    ///
    /// As `load_state_dict`, less what the options allow.
    fn load_state_dict_with<P: Placement>(
        &self,
        state: &StateDict,
        map_location: P,
        options: &LoadOptions,
    ) -> Result<(Self::On<P>, LoadReport)> {
        crate::state_dict::load(self, state, map_location, options)
    }

    /// The model's tensors by name, in declaration order. Nothing is copied: the entries share the model's data.
    ///
    /// Corresponds to [`state_dict`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.state_dict).
    ///
    /// # Errors
    ///
    /// A model that is only declared has no data.
    fn state_dict(&self) -> Result<StateDict> {
        crate::state_dict::of_module(self)
    }

    /// Builds the model on `device` with the initial values that its layers declare, PyTorch's defaults.
    ///
    /// The result is ready for training: in training mode, its parameters candle variables. The seed is drawn from the
    /// system; [`init_seeded`](Self::init_seeded) takes one.
    ///
    /// # Errors
    ///
    /// A layer that was declared wrongly; the device is not available, or has not enough memory.
    fn init<P: Placement>(&self, device: P) -> Result<Self::On<P>> {
        initialise::init(self, device, rand::random())
    }

    /// [`init`](Self::init) from a seed: the same values for the same seed on every device.
    ///
    /// Each tensor has a random sequence of its own, derived from the seed and its key, so that a new field leaves the
    /// values of the others as they are. The values are not those that PyTorch draws from the same seed.
    ///
    /// # Errors
    ///
    /// As `init`.
    fn init_seeded<P: Placement>(&self, device: P, seed: u64) -> Result<Self::On<P>> {
        initialise::init(self, device, seed)
    }

    /// The parameters with their names, in declaration order; a tied one under its first name only.
    ///
    /// Corresponds to [`named_parameters`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_parameters).
    fn named_parameters(&self) -> Vec<(String, &Leaf)> {
        named::leaves(self, LeafKind::Parameter)
    }

    /// The buffers with their names, in declaration order, those that are not saved too; a tied one under its first name
    /// only.
    ///
    /// Corresponds to [`named_buffers`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.named_buffers).
    fn named_buffers(&self) -> Vec<(String, &Leaf)> {
        named::leaves(self, LeafKind::Buffer)
    }

    /// The number of elements of all parameters; a tied one counts once.
    fn num_parameters(&self) -> usize {
        named::num_parameters(self)
    }

    /// The variables of the parameters that are trained, for an optimizer. They borrow the model: it cannot be moved
    /// while they are in use. A copy of them (`to_vec`, which candle's own optimizers need) does not: make a new optimizer
    /// after the model was moved, converted or loaded.
    ///
    /// Corresponds to [`parameters`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.parameters).
    ///
    /// # Errors
    ///
    /// The model has parameters, and none is trained: PyTorch's "optimizer got an empty parameter list".
    fn parameters(&self) -> Result<Parameters<'_>> {
        grad::parameters(self)
    }

    /// Makes every parameter trained, or none: a trained parameter is a candle `Var`, and operations on it are recorded.
    ///
    /// Corresponds to [`requires_grad_`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.requires_grad_);
    /// on a field it freezes a part: `net.encoder.requires_grad(false)?`. As in PyTorch a tied parameter is one, under all
    /// of its names and in all clones of the model.
    ///
    /// What a load has read or mapped is trained where it lies, so that a plain tensor that was taken of it before sees the
    /// steps of an optimizer, as in PyTorch. candle makes a variable of any other tensor by copying it: of one that was
    /// converted to another dtype, moved, transposed, or given to [`Param::from_tensor`](super::Param::from_tensor).
    ///
    /// # Errors
    ///
    /// A parameter without data, one that is not of a floating-point dtype, or not enough memory for the copies. The model
    /// is then as it was.
    fn requires_grad(&mut self, requires_grad: bool) -> Result<()> {
        grad::requires_grad(self, requires_grad)
    }

    /// Converts the parameters and buffers of floating-point dtypes; integers keep theirs.
    ///
    /// Corresponds to [`Module.to(dtype)`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.to).
    ///
    /// # Errors
    ///
    /// `dtype` is not a floating-point one, or not enough memory.
    fn to_dtype(self, dtype: DType) -> Result<Self> {
        convert::to_dtype(self, dtype)
    }

    /// Sets training mode, on all layers that have one.
    ///
    /// Corresponds to [`train`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train).
    fn train(&self) {
        named::set_training(self, true);
    }

    /// Sets evaluation mode, on all layers that have one.
    ///
    /// Corresponds to [`eval`](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval).
    fn eval(&self) {
        named::set_training(self, false);
    }

    /// The tree of names, shapes, dtypes, devices and counts, to print.
    fn summary(&self) -> Summary {
        summary::of(self)
    }
}
