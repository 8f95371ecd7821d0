//! A small CNN for handwritten digits, ported from the class in `data/digits/make_digits.py`.

use std::path::{Path, PathBuf};

use model_runtime::prelude::*;

/// The network. Its field names are those of the PyTorch class, so its keys are too, and the compiler has compared them
/// with those of the checkpoint.
#[derive(Module, Clone, Debug)]
#[module(manifest = "../data/digits/digits.manifest")]
pub struct Net<D: Device> {
    /// 1 to 16 channels.
    pub conv1: Conv2d<D>,
    /// Its normalisation.
    pub bn1: BatchNorm2d<D>,
    /// 16 to 32 channels.
    pub conv2: Conv2d<D>,
    /// Its normalisation.
    pub bn2: BatchNorm2d<D>,
    /// Halves height and width, twice.
    pub pool: MaxPool2d,
    /// From 32 channels of 2x2 to a logit for each digit.
    pub head: Head<D>,
}

/// The classifier. An alias is as good as the type behind it: fields are known by trait, not by name.
pub type Head<D> = Sequential<(Flatten, Linear<D>, ReLU, Dropout, Linear<D>)>;

impl Net<Meta> {
    /// Declares the network: shapes only.
    #[expect(clippy::new_without_default, reason = "PyTorch's word is a constructor call")]
    pub fn new() -> Self {
        Self {
            conv1: Conv2d::new(1, 16, 3).padding(1),
            bn1: BatchNorm2d::new(16),
            conv2: Conv2d::new(16, 32, 3).padding(1),
            bn2: BatchNorm2d::new(32),
            pool: MaxPool2d::new(2),
            head: Sequential::new((
                Flatten::new(),
                Linear::new(32 * 2 * 2, 64),
                ReLU,
                Dropout::new(0.25),
                Linear::new(64, 10),
            )),
        }
    }
}

/// Images `(N, 1, 8, 8)` to logits `(N, 10)`.
impl<D: Compute> Forward<&Tensor<D>> for Net<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x = self.bn1.forward(&self.conv1.forward(x)?)?.relu()?;
        let x = self.pool.forward(&x)?;
        let x = self.bn2.forward(&self.conv2.forward(&x)?)?.relu()?;
        let x = self.pool.forward(&x)?;
        self.head.forward(&x)
    }
}

/// Digits that the training never saw, with PyTorch's own answers.
#[derive(Clone, Debug)]
pub struct TestSet {
    /// Pixels between 0 and 1, `(N, 1, 8, 8)`.
    pub images: Tensor<Cpu>,
    /// The digit of each image, `(N)`.
    pub labels: Tensor<Cpu>,
    /// The logits that PyTorch computed, `(N, 10)`.
    pub logits: Tensor<Cpu>,
}

impl TestSet {
    /// Reads the images that come with the examples.
    ///
    /// # Errors
    ///
    /// The file is not there, or lacks one of the three tensors.
    pub fn open() -> Result<Self> {
        let state = Checkpoint::open(path("digits_test.safetensors"))?.state_dict()?;
        let read = |key: &str| match state.get(key) {
            Some(entry) => entry.read(),
            None => Err(Error::unsupported(format_args!("digits_test.safetensors: no tensor `{key}`"))),
        };
        Ok(Self { images: read("images")?, labels: read("labels")?, logits: read("logits")? })
    }
}

/// The file of that name in `data/digits`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/digits").join(name)
}

/// How many of `logits` `(N, 10)` are largest at the label.
///
/// # Errors
///
/// Shapes that do not fit.
pub fn correct(logits: &Tensor<Cpu>, labels: &Tensor<Cpu>) -> Result<usize> {
    let predicted = logits.argmax(1)?.to_dtype(DType::I64)?;
    let hits = predicted.eq(labels)?.to_dtype(DType::U32)?.sum_all()?.to_scalar::<u32>()?;
    Ok(hits as usize)
}

/// The largest difference between two tensors of one shape.
///
/// # Errors
///
/// Shapes or dtypes that differ.
pub fn max_difference(a: &Tensor<Cpu>, b: &Tensor<Cpu>) -> Result<f32> {
    (a - b)?.abs()?.max_all()?.to_scalar()
}
