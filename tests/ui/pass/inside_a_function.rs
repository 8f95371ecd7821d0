//! Structs that only a function sees.

use model_runtime::prelude::*;

fn main() -> Result<()> {
    #[derive(Module)]
    struct Head<D: Device> {
        fc: Linear<D>,
    }

    #[derive(Module)]
    struct Net<D: Device> {
        head: Head<D>,
    }

    let net: Net<Cpu> = Net { head: Head { fc: Linear::new(4, 2) } }.init(Cpu)?;
    assert_eq!(net.num_parameters(), 10);
    Ok(())
}
