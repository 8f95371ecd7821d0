//! Structs that a macro writes: types and names reach the derive in invisible groups, with the macro's own scope.

#![deny(warnings)]

use model_runtime::prelude::*;

macro_rules! model {
    ($name:ident<$device:ident> { $field:ident: $ty:ty, $key:literal: $other:ty }) => {
        #[derive(Module)]
        struct $name<$device: Device> {
            $field: $ty,
            #[module(rename = $key)]
            other: Option<Box<$other>>,
            more: Vec<$ty>,
            own: Linear<$device>,
        }
    };
}

model!(Net<D> { fc: Linear<D>, "embedding": (Embedding<D>, usize) });

pub fn main() -> Result<()> {
    let net: Net<Cpu> = Net {
        fc: Linear::new(1, 1),
        other: Some(Box::new((Embedding::new(3, 2), 0))),
        more: vec![Linear::new(1, 1)],
        own: Linear::new(1, 1),
    }
    .init(Cpu)?;
    let keys: Vec<_> = net.named_parameters().into_iter().map(|(key, _)| key).collect();
    let weights: Vec<_> = keys.iter().filter(|key| key.ends_with("weight")).collect();
    assert_eq!(weights, ["fc.weight", "embedding.0.weight", "more.0.weight", "own.weight"]);
    Ok(())
}
