//! Shows how a `--device` flag chooses the device, without a second model and without a check in `forward`.
//!
//! In PyTorch:
//!
//! ```python
//! device = torch.device(args.device if torch.cuda.is_available() else "cpu")   # and then `.to(device)` everywhere
//! ```
//!
//! `cargo run --bin 05_device_at_run_time -- --device cpu`

use std::env;

use examples::digits::{Net, TestSet, correct, path};
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let device = match env::args().skip_while(|argument| argument != "--device").nth(1) {
        Some(name) => name.parse()?,
        None => AnyDevice::best(),
    };

    // One choice for the whole program: `Auto` is a type like any other, bound once.
    Auto::select(device)?;
    println!("Auto is {}: {} digits right", Auto::device()?, count_right(Auto)?);

    // Or a function that is generic over the device, run on the one that was chosen: it is compiled for each.
    let right = on_device!(device, |D| count_right(D::default()))?;
    println!("on_device! went to {device}: {right} digits right");
    assert_eq!(right, 355, "PyTorch gets 355 right");
    Ok(())
}

/// How many unseen digits the model gets right on `device`.
fn count_right<D: Compute>(device: D) -> Result<usize> {
    let state = Checkpoint::open(path("digits.pt"))?.state_dict()?;
    // A bar on the terminal, for files that take longer than this one.
    let options = LoadOptions::new().progress_bar();
    let (net, _) = Net::new().load_state_dict_with(&state, device, &options)?;
    let test = TestSet::open()?;
    let logits = net.forward(&test.images.to(device)?)?;
    correct(&logits.to(Cpu)?, &test.labels)
}
