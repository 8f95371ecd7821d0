//! Shows what is in a checkpoint without declaring a model: the tree, the tensors, where they were saved.
//!
//! In PyTorch:
//!
//! ```python
//! checkpoint = torch.load("digits.pt", map_location="cpu")
//! checkpoint["epoch"], checkpoint["model_state_dict"]["conv1.weight"].shape
//! ```
//!
//! `cargo run --bin 07_read_without_a_model -- some.pt`

use std::env;
use std::path::PathBuf;

use examples::digits::path;
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let file = env::args().nth(1).map_or_else(|| path("digits.pt"), PathBuf::from);
    let checkpoint = Checkpoint::open(&file)?;
    println!("{} ({})\n{}", file.display(), checkpoint.format(), checkpoint.root());

    let state = checkpoint.state_dict()?;
    println!("\n{:<28} {:<16} {:<9} {:<8} storage", "key", "shape", "dtype", "saved on");
    for (key, entry) in state.iter() {
        let (shape, dtype) = (format!("{:?}", entry.shape()), entry.dtype().to_string());
        println!("{key:<28} {shape:<16} {dtype:<9} {:<8} {:?}", entry.location(), entry.storage_id());
    }

    // The bytes of a tensor are read when it is asked for, here as `torch.load(map_location="cpu")` does it for all.
    let tensors = state.map_location("cpu")?.tensors()?;
    let elements: usize = tensors.values().map(|tensor| tensor.elem_count()).sum();
    println!("\n{} tensors, {elements} elements", tensors.len());
    assert_eq!(tensors.len(), state.len());
    Ok(())
}
