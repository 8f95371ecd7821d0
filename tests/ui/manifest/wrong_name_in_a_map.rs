use std::collections::BTreeMap;

use model_runtime::prelude::*;

#[derive(Module)]
#[module(manifest = "wrong_name_in_a_map.manifest")]
struct Net<D: Device> {
    experts: BTreeMap<String, Linear<D>>,
}

fn main() {}
