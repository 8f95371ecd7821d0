//! Shows how a checkpoint is converted: `cargo run --bin 08_convert -- FROM TO`, without arguments one of the examples'.

use examples::digits::path;
use model_runtime::checkpoint::{Checkpoint, SaveOptions, convert};
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [from, to] = arguments.as_slice() {
        convert(from, to, &SaveOptions::new().max_shard_size(50_000_000_000))?;
        println!("wrote {to}");
        return Ok(());
    }
    let to = std::env::temp_dir().join(format!("digits-{}.safetensors", std::process::id()));
    convert(path("digits.pt"), &to, &SaveOptions::new())?;
    let (before, after) = (Checkpoint::open(path("digits.pt"))?.state_dict()?, Checkpoint::open(&to)?.state_dict()?);
    assert!(before.keys().eq(after.keys()));
    println!("{} tensors, in their order: {}", after.len(), after.keys().collect::<Vec<_>>().join(", "));
    std::fs::remove_file(&to).map_err(|error| Error::Write { path: to, source: error })
}
