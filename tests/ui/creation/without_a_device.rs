use model_runtime::prelude::*;

fn main() -> Result<()> {
    let _x = Tensor::from_vec(vec![1f32, 2.0], 2)?;
    Ok(())
}
