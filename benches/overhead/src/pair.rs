//! One computation, typed and written with candle.

use std::error::Error;
use std::hint::black_box;
use std::rc::Rc;

use candle_core::{Result, Tensor};

type Once = Box<dyn Fn() -> Result<Tensor>>;
type Calls = Box<dyn Fn(usize) -> std::result::Result<(), Box<dyn Error>>>;

/// The two sides of a comparison: one result of each, and many calls of each.
pub struct Pair {
    once: [Once; 2],
    pub typed: Calls,
    pub candle: Calls,
}

impl Pair {
    pub fn new(
        typed: impl Fn() -> model_runtime::Result<model_runtime::Tensor<model_runtime::Cpu>> + 'static,
        candle: impl Fn() -> Result<Tensor> + 'static,
    ) -> Self {
        let (typed, candle) = (Rc::new(typed), Rc::new(candle));
        let once: [Once; 2] = [
            Box::new({
                let typed = Rc::clone(&typed);
                move || Ok(typed().map_err(|error| candle_core::Error::Msg(error.to_string()))?.into_candle())
            }),
            Box::new({
                let candle = Rc::clone(&candle);
                move || candle()
            }),
        ];
        Self { once, typed: repeated(typed), candle: repeated(candle) }
    }

    /// The largest difference of the results, beside the largest result.
    pub fn difference(&self) -> Result<f32> {
        let [typed, candle] = &self.once;
        let largest = |tensor: Tensor| tensor.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>();
        Ok(largest((typed()? - candle()?)?)? / largest(candle()?)?)
    }
}

/// The same loop for both sides, which hands no result on.
fn repeated<T, E: Error + 'static>(function: Rc<impl Fn() -> std::result::Result<T, E> + 'static>) -> Calls {
    Box::new(move |calls| {
        for _ in 0..calls {
            black_box(&function()?);
        }
        Ok(())
    })
}

/// A named comparison.
pub struct Case {
    pub id: &'static str,
    pub says: &'static str,
    /// How many calls are counted.
    pub calls: usize,
    pub pair: fn() -> Result<Pair>,
}
