struct Net<D: Compute> {
    fc: Linear<D>,
}
