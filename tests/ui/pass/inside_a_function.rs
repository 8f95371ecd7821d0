//! Structs that only a function sees.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    #[derive(Module)]
    struct Head<D: Device> {
        fc: Linear<D>,
    }

    #[derive(Module)]
    enum Kind<D: Device> {
        Head(Head<D>),
        None,
    }

    #[derive(Module)]
    struct Net<D: Device> {
        head: Head<D>,
        kinds: [Kind<D>; 2],
    }

    let head = || Head { fc: Linear::new(4, 2) };
    let net: Net<Cpu> = Net { head: head(), kinds: [Kind::Head(head()), Kind::None] }.init(Cpu)?;
    assert_eq!(net.num_parameters(), 20);
    Ok(())
}
