//! Shows a model that was saved on a GPU, loaded on a GPU.
//!
//! In PyTorch:
//!
//! ```python
//! device = torch.device("cuda")
//! net = Net()
//! net.load_state_dict(torch.load("digits.pt")["model_state_dict"])
//! net.to(device)            # forgotten: the weights stay on the CPU
//! images = images.to(device)   # `images.to(device)` alone returns a copy and changes nothing
//! ```
//!
//! Run it with `--features cuda` on a machine that has a GPU. Elsewhere it prints why the GPU cannot be used.

use examples::digits::{Net, TestSet, correct, path};
use examples::gpu::or_say_why;
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let state = Checkpoint::open(path("digits.pt"))?.state_dict()?;

    // Straight to the GPU: there is no copy of the model on the CPU to forget about.
    let loaded: Result<Net<Cuda<0>>> = Net::new().load_state_dict(&state, Cuda::<0>);
    let Some(net) = or_say_why(loaded)? else { return Ok(()) };

    let test = TestSet::open()?;
    // `net.forward(&test.images)` does not compile: a `Net<Cuda<0>>` cannot take a `&Tensor<Cpu>`.
    let logits = net.forward(&test.images.to(Cuda::<0>)?)?;
    let right = correct(&logits.to(Cpu)?, &test.labels)?;
    println!("on {}: {right} of {} digits right", logits.device_name(), test.labels.elem_count());
    assert_eq!(right, 355, "PyTorch gets 355 right");
    Ok(())
}
