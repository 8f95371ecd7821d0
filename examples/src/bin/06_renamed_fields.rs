//! Shows a port whose field names are not those of the PyTorch class, and what a load says when names do not match.
//!
//! In PyTorch the keys are the attribute names, and a renamed attribute makes old files unreadable:
//!
//! ```python
//! state = {key.replace("head.", "classifier."): value for key, value in state.items()}   # by hand
//! net.load_state_dict(state)
//! ```

use examples::digits::{Head, TestSet, correct, path};
use model_runtime::prelude::*;

/// A convolution and its normalisation, which the PyTorch class has side by side.
#[derive(Module, Debug)]
struct Classifier<D: Device> {
    #[module(rename = "conv1")]
    stem: Conv2d<D>,
    #[module(rename = "bn1")]
    stem_norm: BatchNorm2d<D>,
    #[module(rename = "conv2")]
    body: Conv2d<D>,
    #[module(rename = "bn2")]
    body_norm: BatchNorm2d<D>,
    #[module(rename = "head")]
    classifier: Head<D>,
    /// Not a tensor, not in the file: plain configuration needs no attribute.
    pool_size: usize,
}

impl Classifier<Meta> {
    fn new() -> Self {
        let classifier = (Flatten::new(), Linear::new(128, 64), ReLU, Dropout::new(0.25), Linear::new(64, 10));
        Self {
            stem: Conv2d::new(1, 16, 3).padding(1),
            stem_norm: BatchNorm2d::new(16),
            body: Conv2d::new(16, 32, 3).padding(1),
            body_norm: BatchNorm2d::new(32),
            classifier: Sequential::new(classifier),
            pool_size: 2,
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Classifier<D> {
    type Output = Tensor<D>;

    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let x = self.stem_norm.forward(&self.stem.forward(x)?)?.relu()?.max_pool2d(self.pool_size)?;
        let x = self.body_norm.forward(&self.body.forward(&x)?)?.relu()?.max_pool2d(self.pool_size)?;
        self.classifier.forward(&x)
    }
}

fn main() -> Result<()> {
    let state = Checkpoint::open(path("digits.pt"))?.state_dict()?;
    let net = Classifier::new().load_state_dict(&state, Cpu)?;
    let test = TestSet::open()?;
    println!("{} of 360 digits right", correct(&net.forward(&test.images)?, &test.labels)?);

    // What a `DataParallel` model saves: every key has a prefix. Nothing is loaded, and the error says what to write.
    let wrapped = state.add_prefix("module.")?;
    let error = Classifier::new().load_state_dict(&wrapped, Cpu).expect_err("no key matches");
    println!("\n{error}\n");
    Classifier::new().load_state_dict(&wrapped.strip_prefix("module.")?, Cpu)?;

    // The same by an option, with a report of what the load did.
    let options = LoadOptions::new().strip_prefix("module.").dtype(DType::F64);
    let (_, report) = Classifier::new().load_state_dict_with(&wrapped, Cpu, &options)?;
    println!("{report}");
    assert!(report.is_complete());
    Ok(())
}
