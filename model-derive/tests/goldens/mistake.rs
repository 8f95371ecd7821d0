struct Net<D: Device> {
    #[module(renam = "fc")]
    fc1: Linear<D>,
    #[module(skip)]
    fc2: Linear<D>,
}
