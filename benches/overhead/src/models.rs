//! Models, derived and written by hand for candle: what the goal is about.

use crate::layers::{linears, norms, numbers};
use crate::operations::typed;
use crate::pair::{Case, Pair};

mod block;
mod conv_net;
mod gpt2;
mod mlp;

pub const CASES: &[Case] = &[
    Case { id: "mlp-small", says: "perceptron, (1, 16) - 32 - 16", calls: 100, pair: || mlp::pair(1, 16) },
    Case { id: "mlp", says: "perceptron, (8, 256) - 512 - 256", calls: 4, pair: || mlp::pair(8, 256) },
    Case { id: "net-small", says: "convolutional net, (1, 1, 8, 8)", calls: 50, pair: || conv_net::pair(8, 4) },
    Case { id: "net", says: "convolutional net, (1, 1, 28, 28)", calls: 5, pair: || conv_net::pair(28, 16) },
    Case {
        id: "block-small",
        says: "block of a transformer, (1, 4, 32), 2 heads",
        calls: 20,
        pair: || block::pair(4, 32, 2),
    },
    Case {
        id: "block",
        says: "block of a transformer, (1, 16, 256), 4 heads",
        calls: 4,
        pair: || block::pair(16, 256, 4),
    },
    Case { id: "gpt2-small", says: "block of GPT-2, (1, 4, 32), 2 heads", calls: 20, pair: || gpt2::pair(4, 32, 2) },
    Case { id: "gpt2", says: "block of GPT-2, (1, 16, 256), 4 heads", calls: 4, pair: || gpt2::pair(16, 256, 4) },
];
