//! Shows a model that is split over two devices: the compiler asks for the `.to()` between them.
//!
//! In PyTorch:
//!
//! ```python
//! class Split(nn.Module):
//!     def __init__(self):
//!         self.features = Features().to("cuda:0")
//!         self.head = Head().to("cuda:1")
//!     def forward(self, x):
//!         return self.head(self.features(x).to("cuda:1"))   # forgotten: a RuntimeError on the machine with two GPUs
//! ```
//!
//! `cargo run --bin 04_split_over_two_devices -- cuda:0 cuda:1`; without arguments both parts are on the CPU. The types
//! keep them apart even then.

use examples::digits::{Head, TestSet, correct, path};
use model_runtime::prelude::*;

device_slot!(
    /// Where the convolutions run.
    First
);
device_slot!(
    /// Where the head runs.
    Second
);

/// The network of the other examples, with a device for each of its halves.
#[derive(Module, Debug)]
struct Split<A: Device, B: Device> {
    conv1: Conv2d<A>,
    bn1: BatchNorm2d<A>,
    conv2: Conv2d<A>,
    bn2: BatchNorm2d<A>,
    pool: MaxPool2d,
    head: Head<B>,
}

impl Split<Meta, Meta> {
    fn new() -> Self {
        let head = (Flatten::new(), Linear::new(128, 64), ReLU, Dropout::new(0.25), Linear::new(64, 10));
        Self {
            conv1: Conv2d::new(1, 16, 3).padding(1),
            bn1: BatchNorm2d::new(16),
            conv2: Conv2d::new(16, 32, 3).padding(1),
            bn2: BatchNorm2d::new(32),
            pool: MaxPool2d::new(2),
            head: Sequential::new(head),
        }
    }
}

impl<A: Compute, B: Compute> Forward<&Tensor<A>> for Split<A, B> {
    type Output = Tensor<B>;

    fn forward(&self, x: &Tensor<A>) -> Result<Tensor<B>> {
        let x = self.pool.forward(&self.bn1.forward(&self.conv1.forward(x)?)?.relu()?)?;
        let x = self.pool.forward(&self.bn2.forward(&self.conv2.forward(&x)?)?.relu()?)?;
        // `self.head.forward(&x)` does not compile: the head cannot take a `&Tensor<A>`.
        self.head.forward(&x.to(B::default())?)
    }
}

fn main() -> Result<()> {
    let mut devices = std::env::args().skip(1);
    First::select(&devices.next().unwrap_or("cpu".to_owned()))?;
    Second::select(&devices.next().unwrap_or("cpu".to_owned()))?;

    // The n-th device parameter takes the n-th device; each half is read straight to its own.
    let state = Checkpoint::open(path("digits.pt"))?.state_dict()?;
    let net: Split<First, Second> = Split::new().load_state_dict(&state, (First, Second))?;

    let test = TestSet::open()?;
    let logits = net.forward(&test.images.to(First)?)?;
    let right = correct(&logits.to(Cpu)?, &test.labels)?;
    println!("{net_name}: {right} of {} digits right", test.labels.elem_count(), net_name = places(&net));
    assert_eq!(right, 355, "PyTorch gets 355 right");

    // One device for all of it.
    let whole: Split<Cpu, Cpu> = net.to(Cpu)?;
    assert_eq!(correct(&whole.forward(&test.images)?, &test.labels)?, 355);
    Ok(())
}

/// Where the halves are.
fn places<A: Compute, B: Compute>(net: &Split<A, B>) -> String {
    format!("convolutions on {}, head on {}", net.conv1.weight.device_name(), net.head.layers.1.weight.device_name())
}
