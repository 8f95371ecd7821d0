use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "recurrent_layer.manifest")]
struct Tagger<D: Device> {
    rnn: LSTM<D>,
}

fn main() {}
