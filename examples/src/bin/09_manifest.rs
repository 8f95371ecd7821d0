//! Shows how the keys of a checkpoint become a check at compile time: `cargo run --bin 09_manifest -- FROM TO`, without
//! arguments the manifest that the digits' `Net` is compared with.

use examples::digits::{Net, path};
use model_runtime::prelude::*;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [from, to] = arguments.as_slice() {
        let manifest = Checkpoint::open(from)?.manifest()?;
        manifest.save(to)?;
        println!("wrote {to} with {} keys; on the struct, with the path from its source file, write", manifest.len());
        println!("\n    #[derive(Module)]\n    #[module(manifest = {to:?})]");
        return Ok(());
    }
    // What `digits.manifest` was made from. The struct fits it, or this program would not compile.
    let manifest = Checkpoint::open(path("digits.pt"))?.manifest()?;
    print!("{manifest}");
    assert_eq!(manifest.to_string(), include_str!("../../data/digits/digits.manifest"));

    // Names were compared while it compiled; shapes and dtypes need the sizes, which are known now.
    assert!(manifest.check(&Net::new())?.is_complete());
    Ok(())
}
