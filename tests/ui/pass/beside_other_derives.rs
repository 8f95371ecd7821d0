//! Other derives on the same type, before and after, with attributes of their own.

#![deny(warnings)]

use model_runtime::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Module, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    #[default]
    Mean,
    #[serde(rename = "max")]
    Window(usize),
}

#[derive(Module, Serialize, Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
#[module(rename_all = "camelCase")]
pub struct Config {
    #[serde(default, alias = "num_heads")]
    pub heads: usize,
    pub pooling: Pooling,
}

#[derive(Clone, Debug, Module, Serialize)]
#[serde(bound = "")]
pub enum Net<D: Device> {
    Layer {
        #[serde(skip)]
        fc: Linear<D>,
        config: Config,
    },
    None,
}

/// None beside it.
#[derive(Module)]
pub struct Alone<D: Device> {
    pub net: Net<D>,
}

pub fn main() -> Result<()> {
    let config: Config = serde_json::from_str("{\"num_heads\": 8, \"pooling\": {\"max\": 2}}").unwrap();
    let net = Alone { net: Net::Layer { fc: Linear::new(1, 1), config } }.init(Cpu)?;
    let text = serde_json::to_string(&net.net).unwrap();
    assert_eq!(text, "{\"Layer\":{\"config\":{\"heads\":8,\"pooling\":{\"max\":2}}}}");
    assert_eq!(format!("{:?}", Net::<Cpu>::None.clone()), "None");
    assert_eq!(net.num_parameters(), 2);
    Ok(())
}
