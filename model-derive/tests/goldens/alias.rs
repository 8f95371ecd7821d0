struct Net<D: Device> {
    #[module(alias = "lin", alias = "linear")]
    fc: Linear<D>,
}
