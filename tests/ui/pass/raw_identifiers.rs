//! Raw identifiers: the key of `r#type` is `type`, in whatever place and case.

#![deny(warnings)]

use model_runtime::prelude::*;

#[allow(non_camel_case_types, reason = "a keyword")]
#[derive(Module)]
#[module(rename_all = "UPPERCASE")]
struct r#struct<D: Device> {
    r#type: Linear<D>,
}

#[allow(non_camel_case_types, reason = "a keyword")]
#[derive(Module)]
enum r#enum<D: Device> {
    r#match { r#in: Linear<D>, r#const: r#struct<D> },
    r#while(r#struct<D>),
}

pub fn main() -> Result<()> {
    let inner = || r#struct { r#type: Linear::new(1, 1).bias(false) };
    let net = r#enum::r#match { r#in: Linear::new(1, 1).bias(false), r#const: inner() }.init(Cpu)?;
    assert_eq!(net.state_dict()?.keys().collect::<Vec<_>>(), ["in.weight", "const.TYPE.weight"]);
    let net = r#enum::r#while(inner()).init(Cpu)?;
    assert_eq!(net.state_dict()?.keys().collect::<Vec<_>>(), ["TYPE.weight"]);
    Ok(())
}
