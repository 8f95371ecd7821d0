struct Tokenizer<'a, D: Device, T> {
    embedding: Embedding<D>,
    #[module(skip)]
    vocabulary: &'a [T],
    #[module(skip)]
    config: Config,
}
