struct Derived<D: Device> {
    #[module(flatten)]
    base: Base<D>,
    #[module(flatten, persistent = false)]
    masks: Vec<Buffer<D>>,
    head: Linear<D>,
}
