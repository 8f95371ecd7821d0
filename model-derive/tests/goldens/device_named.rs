#[module(device = (A, B))]
struct Net<A, B>
where
    A: Place,
    B: Place,
{
    encoder: Linear<A>,
    decoder: Linear<B>,
}
