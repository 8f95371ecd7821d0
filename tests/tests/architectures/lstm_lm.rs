//! The language model of `pytorch/examples/word_language_model`: an LSTM between an embedding and a decoder, tied.

use model_runtime::prelude::*;

use crate::support::{Run, assert_close, loaded_and_saved};

#[derive(Module, Clone, Debug)]
#[module(manifest = "../../fixtures/architectures/lstm_lm.manifest")]
struct RnnModel<D: Device> {
    drop: Dropout,
    encoder: Embedding<D>,
    rnn: LSTM<D>, // rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, ...
    decoder: Linear<D>,
}

impl RnnModel<Meta> {
    fn new(ntoken: usize, ninp: usize, nhid: usize, nlayers: usize, dropout: f64, tie_weights: bool) -> Self {
        let encoder = Embedding::new(ntoken, ninp);
        let mut decoder = Linear::new(nhid, ntoken);
        if tie_weights {
            decoder.weight = encoder.weight.clone(); // needs `nhid == ninp`
        }
        let rnn = LSTM::new(ninp, nhid).num_layers(nlayers).dropout(dropout);
        Self { drop: Dropout::new(dropout), encoder, rnn, decoder }
    }
}

/// `h` and `c` of all layers.
type Hidden<D> = (Tensor<D>, Tensor<D>);

impl<D: Compute> Forward<(&Tensor<D>, &Hidden<D>)> for RnnModel<D> {
    type Output = (Tensor<D>, Hidden<D>);

    fn forward(&self, (input, (h, c)): (&Tensor<D>, &Hidden<D>)) -> Result<Self::Output> {
        let embedded = self.drop.forward(&self.encoder.forward(input)?)?;
        let (output, hidden) = self.rnn.forward((&embedded, (h, c)))?;
        let decoded = self.decoder.forward(&self.drop.forward(&output)?)?.flatten_to(1)?;
        Ok((decoded.log_softmax(1)?, hidden))
    }
}

impl<D: Compute> RnnModel<D> {
    fn init_hidden(&self, batch: usize) -> Result<Hidden<D>> {
        let shape = (self.rnn.num_layers, batch, self.rnn.hidden_size);
        // Of the weights' dtype and on their device.
        let zeros = || Tensor::zeros(shape, self.decoder.weight.dtype(), self.decoder.weight.device());
        Ok((zeros()?, zeros()?))
    }
}

fn tiny() -> RnnModel<Meta> {
    RnnModel::new(20, 8, 8, 2, 0.5, true)
}

#[test]
fn the_language_model_computes_what_torch_computes() {
    let model = loaded_and_saved(&tiny(), "lstm_lm");
    let run = Run::of("lstm_lm");
    let hidden = (run.get("h_0"), run.get("c_0"));
    let (output, (h, c)) = model.forward((&run.get("input"), &hidden)).unwrap();
    assert_close(&output, &run.get("output"));
    assert_close(&h, &run.get("h_n"));
    assert_close(&c, &run.get("c_n"));
}

#[test]
fn the_language_model_learns() {
    use model_runtime::candle_nn::{AdamW, Optimizer, ParamsAdamW};

    let model = RnnModel::new(20, 8, 8, 2, 0.0, true).init_seeded(Cpu, 1).unwrap();
    let count = model.named_parameters().len();
    assert_eq!(count, 1 + 8 + 1); // the embedding, two layers, the decoder's bias; the decoder's weight is the embedding
    let params = ParamsAdamW { lr: 0.05, ..Default::default() };
    let mut optimizer = AdamW::new(model.parameters().unwrap().to_vec(), params).unwrap();
    let text = Tensor::from_vec((0..24u32).map(|i| i % 6).collect::<Vec<_>>(), (12, 2), Cpu).unwrap();
    let (input, target) = (text.narrow(0, 0, 11).unwrap(), text.narrow(0, 1, 11).unwrap().flatten_all().unwrap());
    let mut losses = Vec::new();
    for _ in 0..40 {
        let (output, _) = model.forward((&input, &model.init_hidden(2).unwrap())).unwrap();
        let loss = loss::nll(&output, &target).unwrap();
        optimizer.backward_step(loss.as_candle()).unwrap();
        losses.push(loss.to_scalar::<f32>().unwrap());
    }
    assert!(losses[39] < losses[0] / 5.0, "{losses:?}");
}
