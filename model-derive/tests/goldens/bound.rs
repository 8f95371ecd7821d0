#[module(bound = "T: Clone, U: Clone + Default")]
struct Encoder<D: Device, T, U> {
    fc: Linear<D>,
    #[module(skip)]
    vocabulary: Vec<(T, U)>,
}
