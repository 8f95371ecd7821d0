use model_runtime::prelude::*;

fn place(x: &Tensor<Cpu>) -> Result<()> {
    let _x = x.to("cuda:0")?;
    Ok(())
}

fn main() {}
