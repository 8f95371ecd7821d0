//! What a declared model can do: be counted, listed, printed, initialised more than once.

use model_runtime::prelude::*;

pub fn main() -> Result<()> {
    let declared = Linear::new(4, 2);
    assert_eq!(declared.num_parameters(), 10);
    assert!(declared.summary().to_string().contains("weight"));
    let first: Linear<Cpu> = declared.init_seeded(Cpu, 0)?;
    let again: Linear<Auto> = declared.init_seeded(Auto, 0)?;
    assert_eq!(first.weight.to_vec2::<f32>()?, again.weight.to_vec2::<f32>()?);
    Ok(())
}
