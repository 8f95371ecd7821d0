enum Norm<D: Device> {
    Layer(LayerNorm<D>),
    Affine(Param<D>, Param<D>),
    Scaled {
        #[module(rename = "gamma")]
        weight: Param<D>,
        #[module(skip)]
        scale: Scale,
    },
    None,
}
