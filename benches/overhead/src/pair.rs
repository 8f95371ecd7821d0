//! One computation, typed and written with candle.

use candle_core::{Result, Tensor};

/// A computation that can be called again and again.
pub type Run = Box<dyn Fn() -> Result<Tensor>>;

/// The two sides of a comparison.
pub struct Pair {
    pub typed: Run,
    pub candle: Run,
}

impl Pair {
    pub fn new(
        typed: impl Fn() -> model_runtime::Result<model_runtime::Tensor<model_runtime::Cpu>> + 'static,
        candle: impl Fn() -> Result<Tensor> + 'static,
    ) -> Self {
        let typed = move || match typed() {
            Ok(tensor) => Ok(tensor.into_candle()),
            Err(error) => Err(candle_core::Error::Msg(error.to_string())),
        };
        Self { typed: Box::new(typed), candle: Box::new(candle) }
    }

    /// The largest difference of the results.
    pub fn difference(&self) -> Result<f32> {
        let difference = ((self.typed)()? - (self.candle)()?)?.abs()?;
        difference.flatten_all()?.max(0)?.to_scalar()
    }
}

/// A named comparison.
pub struct Case {
    pub id: &'static str,
    pub says: &'static str,
    /// How many calls are counted.
    pub calls: usize,
    pub pair: fn() -> Result<Pair>,
}
