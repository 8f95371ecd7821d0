//! Shows a model that was saved on a GPU, loaded on the CPU.
//!
//! In PyTorch:
//!
//! ```python
//! net = Net()
//! state = torch.load("digits_legacy.pt", map_location=torch.device("cpu"))   # without it: a RuntimeError here
//! net.load_state_dict(state)
//! net.eval()                                                                 # forgotten: wrong answers
//! ```

use examples::digits::{Net, TestSet, correct, path};
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let state = Checkpoint::open(path("digits_legacy.pt"))?.state_dict()?;
    for (key, entry) in state.iter().take(2) {
        println!("{key}: saved on {}", entry.location());
    }

    // The type says where the model goes; where the file was saved plays no part.
    let net: Net<Cpu> = Net::new().load_state_dict(&state, Cpu)?;

    let test = TestSet::open()?;
    let right = correct(&net.forward(&test.images)?, &test.labels)?;
    println!("on the CPU: {right} of {} digits right", test.labels.elem_count());
    assert_eq!(right, 355, "PyTorch gets 355 right");
    Ok(())
}
