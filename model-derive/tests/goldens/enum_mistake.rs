enum Norm<D: Device> {
    #[module(rename = "layer")]
    Layer(LayerNorm<D>),
    None,
}
