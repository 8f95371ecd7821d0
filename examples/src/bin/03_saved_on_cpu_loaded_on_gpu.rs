//! Shows a model that was saved on the CPU, loaded on a GPU.
//!
//! In PyTorch:
//!
//! ```python
//! device = torch.device("cuda")
//! net = Net()
//! net.load_state_dict(torch.load("digits_cpu.pt", map_location="cuda:0"))   # where the storages go
//! net.to(device)                                                            # where the model goes
//! ```
//!
//! Run it with `--features cuda` on a machine that has a GPU. Elsewhere it prints why the GPU cannot be used.

use examples::digits::{Net, TestSet, correct, path};
use examples::gpu::or_say_why;
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let state = Checkpoint::open(path("digits_cpu.pt"))?.state_dict()?;
    let locations: Vec<_> = state.iter().map(|(_, entry)| entry.location()).collect();
    assert!(locations.iter().all(|location| location == "cpu"));

    let loaded: Result<Net<Cuda<0>>> = Net::new().load_state_dict(&state, Cuda::<0>);
    let Some(net) = or_say_why(loaded)? else { return Ok(()) };

    let test = TestSet::open()?;
    let logits = net.forward(&test.images.to(Cuda::<0>)?)?;
    let right = correct(&logits.to(Cpu)?, &test.labels)?;
    println!("on {}: {right} of {} digits right", logits.device_name(), test.labels.elem_count());

    // And back: the old model is gone, so nothing of it stays on the GPU.
    let net: Net<Cpu> = net.to(Cpu)?;
    assert_eq!(correct(&net.forward(&test.images)?, &test.labels)?, right);
    Ok(())
}
