//! State between steps is made where the inputs are.

use model_runtime::prelude::*;

#[derive(Module)]
struct Cell<D: Device> {
    input: Linear<D>,
    hidden: Linear<D>,
}

impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for Cell<D> {
    type Output = Tensor<D>;
    fn forward(&self, (x, h): (&Tensor<D>, &Tensor<D>)) -> Result<Tensor<D>> {
        (self.input.forward(x)? + self.hidden.forward(h)?)?.tanh()
    }
}

fn run<D: Compute>(cell: &Cell<D>, steps: &[Tensor<D>]) -> Result<Tensor<D>> {
    let mut h = Tensor::zeros((1, 3), DType::F32, D::default())?;
    for x in steps {
        h = cell.forward((x, &h))?;
    }
    Ok(h)
}

pub fn main() -> Result<()> {
    let cell = Cell { input: Linear::new(2, 3), hidden: Linear::new(3, 3) }.init(Auto)?;
    let x = Tensor::ones((1, 2), DType::F32, Auto)?;
    assert_eq!(run(&cell, &[x.clone(), x])?.dims(), [1, 3]);
    Ok(())
}
