//! Enums whose variants are called as the prelude's, and are all in scope.

#![deny(warnings)]

use model_runtime::prelude::*;

#[derive(Module)]
enum Outcome<D: Device> {
    Ok(Linear<D>),
    Err { fc: Linear<D> },
    Some(Box<Outcome<D>>, Param<D>),
    None,
}

use Outcome::*;

pub fn main() -> model_runtime::Result<()> {
    let inner = Err { fc: Linear::new(1, 1) };
    let outcome: Outcome<Meta> = Some(Box::new(inner), Param::new(1, init::ONE));
    let outcome: Outcome<Cpu> = outcome.init(Cpu)?;
    assert_eq!(outcome.state_dict()?.keys().collect::<Vec<_>>(), ["0.fc.weight", "0.fc.bias", "1"]);
    for outcome in [Ok(Linear::new(1, 1)), None] {
        assert!(outcome.init(Cpu)?.num_parameters() < 3);
    }
    model_runtime::Result::Ok(())
}
