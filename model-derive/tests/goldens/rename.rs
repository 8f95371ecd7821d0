struct Attention<D: Device> {
    #[module(rename = "in_proj")]
    qkv: Linear<D>,
    r#type: Embedding<D>,
}
