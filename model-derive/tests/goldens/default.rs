struct Net<D: Device> {
    #[module(default)]
    head: Linear<D>,
}
