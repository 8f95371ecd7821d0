//! With `#[must_use]` on the struct, a loaded model that nobody takes is found.

#![deny(unused_must_use)]

use model_runtime::prelude::*;

#[derive(Module)]
#[must_use = "it is the loaded model: `let net = net.load_state_dict(&state, Cpu)?;`"]
struct Net<D: Device> {
    fc: Linear<D>,
}

fn reload(net: &Net<Cpu>, state: &StateDict) -> Result<()> {
    net.load_state_dict(state, Cpu)?;
    Ok(())
}

fn main() {}
