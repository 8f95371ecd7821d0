struct Translator<A: Device, B: Device> {
    bridge: Bridge<B, A>,
    encoder: Encoder<A>,
    decoder: Vec<(Linear<B>, Linear<B>)>,
    heads: usize,
}
