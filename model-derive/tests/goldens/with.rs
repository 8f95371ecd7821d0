struct Block<D: Device> {
    #[module(with = model_runtime::with::transposed)]
    c_fc: Linear<D>,
}
