use model_runtime::prelude::*;

#[derive(Module)]
struct Pair<A: Device, B: Device> {
    first: Linear<A>,
    second: Linear<B>,
}

type Reversed<A, B> = Pair<B, A>;

#[derive(Module)]
struct Net<A: Device, B: Device> {
    pair: Reversed<A, B>,
}

fn main() {}
