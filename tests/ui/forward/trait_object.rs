use model_runtime::prelude::*;

type Layer = Box<dyn for<'a> Forward<&'a Tensor<Cpu>, Output = Tensor<Cpu>>>;

fn layers(first: Linear<Cpu>, second: Linear<Cuda<0>>) -> Vec<Layer> {
    vec![Box::new(first), Box::new(second)]
}

fn main() {}
