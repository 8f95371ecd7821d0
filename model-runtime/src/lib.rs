//! PyTorch model classes as Rust structs, on [candle](candle_core): write the class as a struct with
//! `#[derive(Module)]`, load the `.pt` file that PyTorch saved, and let the compiler make sure that every tensor is where
//! it must be.
//!
//! ```
//! use model_runtime::prelude::*;
//!
//! #[derive(Module, Clone, Debug)]
//! struct Net<D: Device> {
//!     conv1: Conv2d<D>, // state-dict keys: conv1.weight, conv1.bias
//!     bn1: BatchNorm2d<D>,
//!     conv2: Conv2d<D>,
//!     bn2: BatchNorm2d<D>,
//!     pool: MaxPool2d,
//!     head: Sequential<(Flatten, Linear<D>, ReLU, Dropout, Linear<D>)>, // head.1.weight, ...
//! }
//!
//! impl Net<Meta> {
//!     /// Shapes only: nothing is allocated.
//!     fn new() -> Self {
//!         Self {
//!             conv1: Conv2d::new(1, 16, 3).padding(1),
//!             bn1: BatchNorm2d::new(16),
//!             conv2: Conv2d::new(16, 32, 3).padding(1),
//!             bn2: BatchNorm2d::new(32),
//!             pool: MaxPool2d::new(2),
//!             head: Sequential::new((
//!                 Flatten::new(),
//!                 Linear::new(128, 64),
//!                 ReLU,
//!                 Dropout::new(0.25),
//!                 Linear::new(64, 10),
//!             )),
//!         }
//!     }
//! }
//!
//! impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
//!     type Output = Tensor<D>;
//!     fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
//!         let x = self.pool.forward(&self.bn1.forward(&self.conv1.forward(x)?)?.relu()?)?;
//!         let x = self.pool.forward(&self.bn2.forward(&self.conv2.forward(&x)?)?.relu()?)?;
//!         self.head.forward(&x)
//!     }
//! }
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits/digits.pt");
//! let checkpoint = Checkpoint::open(path)?; // saved on `cuda:0`
//! let net = Net::new().load_state_dict(&checkpoint.state_dict()?, Cpu)?; // a `Net<Cpu>`
//! let net = net.to(Auto)?; // a `Net<Auto>`; the old `net` is gone
//!
//! let x = Tensor::zeros((1, 1, 8, 8), DType::F32, Cpu)?;
//! // `net.forward(&x)` does not compile: `x` was not moved
//! let y = net.forward(&x.to(Auto)?)?;
//! assert_eq!(y.dims(), [1, 10]);
//! # Ok::<(), model_runtime::Error>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | say where things are | [`device`] |
//! | declare a model | [`Module`], [`Param`], [`Buffer`], [`nn`] |
//! | read a file of PyTorch | [`Checkpoint`], [`StateDict`] |
//! | convert what the file holds differently | [`with`] |
//! | load, move, save, train | the methods of [`Module`](trait@Module) |
//! | compute | [`Tensor`], [`Forward`] |

// The layers derive `Module` inside this crate, and the derive names it from outside. Public: `#[module(crate = path)]`
// becomes `path::model_runtime`, so that a path to another crate is one error and not one for each name in it.
#[doc(hidden)]
pub extern crate self as model_runtime;

pub mod checkpoint;
pub mod device;
pub mod error;
mod hash;
pub mod init;
pub mod manifest;
pub mod memory;
pub mod module;
pub mod nn;
pub mod state_dict;
pub mod tensor;
mod threads;
mod transfer;
pub mod with;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use candle_core;
pub use candle_nn;
pub use model_derive::Module;

pub use checkpoint::Checkpoint;
pub use device::{AnyDevice, Auto, Compute, Cpu, Cuda, Device, Meta, Metal, Placement};
pub use error::{Error, Result, Unsupported};
pub use manifest::Manifest;
pub use module::{Buffer, Forward, Leaf, LeafKind, Loaded, Mode, Module, Param};
pub use state_dict::{LoadError, LoadOptions, LoadReport, StateDict};
pub use tensor::{OnDevice, Tensor};
pub use transfer::Progress;

/// Everything that a file with a model in it uses: `use model_runtime::prelude::*;`.
///
/// Dims are counted from the end with `Minus1` and `Minus2`: candle's `D` would hide a model's device parameter.
pub mod prelude {
    pub use candle_core::{DType, Shape};

    pub use crate::checkpoint::Checkpoint;
    pub use crate::device::{AnyDevice, Auto, Compute, Cpu, Cuda, Device, Meta, Metal, Placement};
    pub use crate::error::{Error, Result};
    pub use crate::init;
    pub use crate::module::{Buffer, Forward, Mode, Module, Param};
    // Every layer: a model names a dozen of them.
    pub use crate::nn::*;
    pub use crate::state_dict::{LoadOptions, LoadReport, StateDict};
    pub use crate::tensor::{Minus1, Minus2, OnDevice, Tensor, WithDType, loss};
    pub use crate::{device_slot, on_device};
    pub use model_derive::Module;
}
