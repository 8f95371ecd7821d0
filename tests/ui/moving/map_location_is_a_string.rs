use model_runtime::prelude::*;

fn load(net: &Linear<Meta>, state: &StateDict) -> Result<()> {
    let _net = net.load_state_dict(state, "cpu")?;
    Ok(())
}

fn main() {}
