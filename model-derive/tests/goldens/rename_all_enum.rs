#[module(rename_all = "PascalCase")]
enum Norm<D: Device> {
    Layer { layer_norm: LayerNorm<D> },
    Both(LayerNorm<D>, LayerNorm<D>),
}
