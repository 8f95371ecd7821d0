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

fn run<D: Compute>(cell: &Cell<D>, steps: &[Tensor<D>]) -> Result<()> {
    let h = Tensor::zeros((1, 8), DType::F32, Cpu)?;
    for x in steps {
        cell.forward((x, &h))?;
    }
    Ok(())
}

fn main() {}
