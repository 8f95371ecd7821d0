struct Gpt<D: Device> {
    wte: Embedding<D>,
    #[module(tied = "wte")]
    lm_head: Linear<D>,
}
