//! The `#[derive(Module)]` macro of `model-runtime`, which re-exports it: use it from there.
//!
//! How a derive becomes code, by file: [`DeriveInput`] -> `ast` (with `attr`, `param`) -> `check` -> `expand`.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod ast;
mod attr;
mod bound;
mod check;
mod ctxt;
mod expand;
mod manifest;
mod param;
mod placement;
mod symbol;
mod ty;

/// Makes a struct or an enum a module: its fields are parts of the model, under their names.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Clone, Debug)]
/// struct Block<D: Device> {
///     norm: LayerNorm<D>,       // norm.weight, norm.bias
///     layers: Vec<Linear<D>>,   // layers.0.weight, ...
///     skip: Option<Linear<D>>,  // skip.weight, ... or nothing
///     scale: Param<D>,          // scale
///     heads: usize,             // configuration: nothing in the state dict
/// }
/// ```
///
/// # Fields
///
/// What a field is, its type decides by the trait `Module`: parameters, buffers, layers, structs with this derive, containers
/// of them, and plain configuration (numbers, `bool`, `String`, ...). A `Tensor<D>` or a candle tensor is not a module, and
/// so an error: it would neither be saved nor moved. The type names the struct's device parameters, not a fixed device.
///
/// # Enums
///
/// An enum is one of several modules, and adds nothing to the keys: what its variant holds stands where the enum does. A
/// variant with one value is that value, one with several has the keys `0`, `1`, ..., one with named fields has their
/// names. Variants take no attributes, their fields take those of fields. A union is an error.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module, Clone, Debug)]
/// enum Norm<D: Device> {
///     Layer(LayerNorm<D>),         // weight, bias
///     Affine(Param<D>, Param<D>),  // 0, 1
///     Scaled { scale: Param<D> },  // scale
///     None,
/// }
///
/// let norm = Norm::Layer(LayerNorm::new(4)).init(Cpu)?;
/// assert_eq!(norm.state_dict()?.keys().collect::<Vec<_>>(), ["weight", "bias"]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// # Type parameters
///
/// | parameter | when the model moves |
/// |---|---|
/// | `D: Device` | takes the next device of the placement |
/// | `M: Module` | moves itself, and takes as many devices as it has device parameters |
/// | any other | stays; only [skipped](#skip) fields can name it |
///
/// Bounds are recognised by name, in the list and in the where-clause; [`device`](#device) names devices whose bound has
/// another name. `Device` or `Module` is the only bound that these parameters can have on the struct: others may not hold on
/// another device. Write those on the impls. Lifetimes and const parameters stay as they are.
///
/// # Attributes
///
/// | attribute | on | effect |
/// |---|---|---|
/// | [`rename = "key"`](#rename) | field | another name in the state dict |
/// | [`persistent = false`](#persistent) | field | a buffer that is not saved |
/// | [`skip`](#skip) | field | no part of the model |
/// | [`flatten`](#flatten) | field | adds nothing to the keys |
/// | [`alias = "old"`](#alias) | field | an older name, accepted on load |
/// | [`default`](#default) | field | what the file lacks keeps its initial value |
/// | [`frozen`](#frozen) | field | not trained |
/// | [`tied = "path"`](#tied) | field | one tensor with another field |
/// | [`with = path`](#with) | field | converts between what the file holds and what the field holds |
/// | [`transparent`](#transparent) | struct | its one field adds nothing to the keys |
/// | [`rename_all = "camelCase"`](#rename_all) | struct, enum | the case of the keys |
/// | [`bound = "T: Clone"`](#bound) | struct, enum | the bounds of the impls, in place of those of skipped fields |
/// | [`device = D`](#device) | struct, enum | says that a type parameter is a device |
/// | [`crate = path`](#crate) | struct, enum | where the runtime is |
///
/// All are written in `#[module(...)]`, one or several in each. A mistake in one is an error at the word to change, and all
/// mistakes of a type are reported at once.
///
/// ## rename
///
/// - **Form**: `#[module(rename = "key")]`, a string that is not empty and has no `.`.
/// - **Effect**: the field's name in the state dict.
/// - **Without it**: the field's name, without the `r#` of `r#type`; in a tuple struct `0`, `1`, ...
/// - **Not with**: `skip`, `flatten`, the field of a `transparent` struct; on a variant; the key of another field.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// struct Attention<D: Device> {
///     #[module(rename = "in_proj_weight")]
///     qkv: Param<D>,
/// }
///
/// let attention = Attention { qkv: Param::new((12, 4), init::ZERO) };
/// assert_eq!(attention.named_parameters()[0].0, "in_proj_weight");
/// ```
///
/// ## persistent
///
/// - **Form**: `#[module(persistent = false)]`. `persistent = true` says what holds anyway.
/// - **Effect**: the buffer is not in the state dict, as with PyTorch's `register_buffer(..., persistent=False)`. It moves with
///   the model, and `load_state_dict` gives it its declared values.
/// - **Without it**: buffers are in the state dict.
/// - **The type**: a `Buffer<D>`, or an `Option`, `Vec` or array of them.
/// - **Not with**: `skip`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// struct Decoder<D: Device> {
///     fc: Linear<D>,
///     #[module(persistent = false)]
///     mask: Buffer<D>,
/// }
///
/// let decoder = Decoder { fc: Linear::new(1, 1), mask: Buffer::new(4, init::ZERO) }.init(Cpu)?;
/// assert_eq!(decoder.state_dict()?.len(), 2);
/// assert_eq!(decoder.named_buffers().len(), 1);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// ## skip
///
/// - **Form**: `#[module(skip)]`.
/// - **Effect**: the field is no part of the model; a moved model has a clone of it.
/// - **Without it**: the type must be a module.
/// - **The type**: `Clone`, and names neither a device nor a module parameter: what has tensors must move.
/// - **Not with**: any other attribute.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Clone)]
/// enum Pooling {
///     Mean,
///     First,
/// }
///
/// #[derive(Module)]
/// struct Encoder<D: Device> {
///     fc: Linear<D>,
///     #[module(skip)]
///     pooling: Pooling,
/// }
/// ```
///
/// ## flatten
///
/// - **Form**: `#[module(flatten)]`.
/// - **Effect**: the field adds nothing to the keys, as a base class in PyTorch.
/// - **Without it**: the keys start with the field's name.
/// - **The type**: a module with keys of its own. Two parameters of one key are an error when the model is loaded or saved.
/// - **Not with**: `rename`, `skip`; on the field of a `transparent` struct.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// struct Base<D: Device> {
///     fc: Linear<D>,
/// }
///
/// #[derive(Module)]
/// struct Derived<D: Device> {
///     #[module(flatten)]
///     base: Base<D>,
///     scale: Param<D>,
/// }
///
/// let base = Base { fc: Linear::new(4, 2) };
/// let derived = Derived { base, scale: Param::new(1, init::ONE) }.init(Cpu)?;
/// assert_eq!(derived.state_dict()?.keys().collect::<Vec<_>>(), ["fc.weight", "fc.bias", "scale"]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
#[doc = include_str!("loading.md")]
///
/// ## transparent
///
/// - **Form**: `#[module(transparent)]`.
/// - **Effect**: the struct has the keys of its one field, as PyTorch's `class Mlp(nn.Sequential)`.
/// - **Without it**: the keys start with the field's name, or `0`.
/// - **The type**: exactly one field that is not skipped.
/// - **Not with**: an enum; `rename_all`; `rename` and `flatten` on the field.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// #[module(transparent)]
/// struct Mlp<D: Device>(Vec<Linear<D>>);
///
/// let mlp = Mlp(vec![Linear::new(4, 2)]).init(Cpu)?;
/// assert_eq!(mlp.state_dict()?.keys().collect::<Vec<_>>(), ["0.weight", "0.bias"]);
/// # Ok::<(), model_runtime::Error>(())
/// ```
///
/// ## rename_all
///
/// - **Form**: `#[module(rename_all = "case")]`, one of serde's: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`,
///   `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`.
/// - **Effect**: the key of each named field is its name in that case; on an enum, in all variants. `rename` on a field wins.
/// - **Without it**: the names as they are.
/// - **Not with**: `transparent`; a type without named fields.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// #[module(rename_all = "camelCase")]
/// struct Attention<D: Device> {
///     in_proj: Param<D>,
/// }
///
/// let attention = Attention { in_proj: Param::new(4, init::ONE) };
/// assert_eq!(attention.named_parameters()[0].0, "inProj");
/// ```
///
/// ## bound
///
/// - **Form**: `#[module(bound = "T: Clone")]`, what a where-clause takes, in a string.
/// - **Effect**: the bounds of the impls, in place of those that the derive adds: `Clone` for the types of skipped fields.
/// - **Without it**: those bounds.
/// - **The bounds**: none on device and module parameters, which change when the model moves.
///
/// ```
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// #[module(bound = "T: Clone")]
/// struct Encoder<D: Device, T> {
///     fc: Linear<D>,
///     #[module(skip)]
///     words: Vec<T>,
/// }
/// ```
///
/// ## device
///
/// - **Form**: `#[module(device = D)]`, or `#[module(device = (A, B))]` for several.
/// - **Effect**: these type parameters are devices, beside those that their bounds show.
/// - **Without it**: type parameters whose bound is called `Device`.
/// - **The parameters**: such that every device has their bounds.
///
/// ```
/// use model_runtime::Device as Accelerator;
/// use model_runtime::prelude::*;
///
/// #[derive(Module)]
/// #[module(device = A)]
/// struct Net<A: Accelerator> {
///     fc: Linear<A>,
/// }
/// ```
///
/// ## crate
///
/// - **Form**: `#[module(crate = path)]`, a path as `use` takes it.
/// - **Effect**: the expansion finds the runtime there. For programs that depend on it under another name.
/// - **Without it**: `::model_runtime`.
///
/// ```
/// extern crate model_runtime as renamed;
/// use renamed::prelude::*;
///
/// #[derive(Module)]
/// #[module(crate = renamed)]
/// struct Net<D: Device> {
///     fc: Linear<D>,
/// }
/// ```
///
/// # Expansion
///
/// Two walks over the fields, one by reference (shared and exclusive) and one that rebuilds the struct on other devices; in
/// an enum, a `match` over its variants. Everything that a module can do is a function in the runtime that uses them.
///
/// ```text
/// const _: () = {
///     use ::model_runtime as _rt;
///     impl<D: Device> _rt::Module for Net<D> {
///         type On<__P: _rt::Placement> = Net<<__P as _rt::Placement>::First>;
///         fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
///             <Linear<D> as _rt::Module>::walk_field(&(self.fc), "fc", __walk);
///         }
///         // ... `walk_mut` and `relocate`
///     }
///     impl<D: Device> _rt::__private::HasData for Net<D> where D: _rt::Compute {}
/// };
/// ```
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}

/// `check_manifest!` of the runtime, with the path of the runtime before its arguments.
#[doc(hidden)]
#[proc_macro]
pub fn check_manifest(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as manifest::Checked);
    expand::check_manifest(&input).into()
}
