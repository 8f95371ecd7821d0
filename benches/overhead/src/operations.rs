//! Operations of tensors of one element, where nothing hides what the types add.

use candle_core::{Device, Result, Tensor as Candle};
use model_runtime::prelude::*;

use crate::pair::{Case, Pair};

const CALLS: usize = 500;

pub const CASES: &[Case] = &[
    Case { id: "add", says: "`&x + &y`, one element", calls: CALLS, pair: add },
    Case { id: "mul-add", says: "`(&x * 2.0)? + &y`, one element", calls: CALLS, pair: mul_add },
    Case { id: "broadcast-add", says: "`x.broadcast_add(&y)`, one element", calls: CALLS, pair: broadcast_add },
    Case { id: "relu", says: "`x.relu()`, one element", calls: CALLS, pair: relu },
    Case { id: "matmul", says: "`x.matmul(&y)`, 1 × 1", calls: CALLS, pair: matmul },
    Case { id: "reshape", says: "`x.reshape((1, 1, 1))`", calls: CALLS, pair: reshape },
    Case { id: "transpose", says: "`x.t()`", calls: CALLS, pair: transpose },
];

type Typed = model_runtime::Tensor<Cpu>;

/// Two operands, for both sides.
fn operands() -> Result<(Candle, Candle)> {
    Ok((Candle::new(&[[0.5f32]], &Device::Cpu)?, Candle::new(&[[-2f32]], &Device::Cpu)?))
}

/// A candle tensor with its type.
pub fn typed(tensor: &Candle) -> Result<Typed> {
    Typed::try_from_candle(tensor.clone()).map_err(|error| candle_core::Error::Msg(error.to_string()))
}

macro_rules! binary {
    ($name:ident, |$x:ident, $y:ident| $body:expr) => {
        fn $name() -> Result<Pair> {
            let (a, b) = operands()?;
            let (c, d) = (typed(&a)?, typed(&b)?);
            Ok(Pair::new(
                move || {
                    let ($x, $y) = (&c, &d);
                    $body
                },
                move || {
                    let ($x, $y) = (&a, &b);
                    $body
                },
            ))
        }
    };
}

binary!(add, |x, y| x + y);
binary!(mul_add, |x, y| (x * 2.0)? + y);
binary!(broadcast_add, |x, y| x.broadcast_add(y));
binary!(matmul, |x, y| x.matmul(y));
binary!(relu, |x, _y| x.relu());
binary!(reshape, |x, _y| x.reshape((1, 1, 1)));
binary!(transpose, |x, _y| x.t());
