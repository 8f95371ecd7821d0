struct Net<D: Device> {
    #[deprecated]
    old: Linear<D>,
}
