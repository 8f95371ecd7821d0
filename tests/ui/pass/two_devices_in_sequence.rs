//! A chain over two devices is two chains with a move between them.

use model_runtime::prelude::*;

type Half<D> = Sequential<(Linear<D>, ReLU, Linear<D>)>;

fn half() -> Half<Meta> {
    Sequential::new((Linear::new(4, 4), ReLU, Linear::new(4, 4)))
}

pub fn main() -> Result<()> {
    let halves: (Half<Cpu>, Half<Auto>) = (half().init(Cpu)?, half().init(Auto)?);
    let hidden = halves.0.forward(&Tensor::zeros((1, 4), DType::F32, Cpu)?)?;
    assert_eq!(halves.1.forward(&hidden.to(Auto)?)?.dims(), [1, 4]);
    Ok(())
}
