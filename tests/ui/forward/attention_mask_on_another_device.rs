use model_runtime::prelude::*;

fn main() -> Result<()> {
    let attention = MultiheadAttention::new(4, 2).init(Auto)?;
    let x = Tensor::zeros((3, 1, 4), DType::F32, Auto)?;
    let mask = Tensor::triu2(3, DType::U8, Cpu)?;
    let input = AttentionInput::new(&x, &x, &x).attn_mask(&mask);
    attention.forward(input)?;
    Ok(())
}
