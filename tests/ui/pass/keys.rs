//! The keys: field names, without `r#`; `0`, `1`, ... in tuple structs; other names by `rename`; none for what is skipped.

use std::marker::PhantomData;

use model_runtime::prelude::*;

#[derive(Module)]
struct Unit;

#[derive(Module)]
struct Pair<D: Device>(Param<D>, #[module(rename = "second")] Param<D>);

#[derive(Module)]
struct Tag<D: Device>(PhantomData<D>);

#[derive(Module)]
struct Net<D: Device> {
    r#type: Pair<D>,
    unit: Unit,
    heads: usize,
    #[module(skip)]
    names: Vec<&'static str>,
    mean: Buffer<D>,
    #[module(persistent = false)]
    mask: Option<Buffer<D>>,
    tag: Tag<D>,
}

pub fn main() -> Result<()> {
    let param = || Param::new(1, init::ONE);
    let net: Net<Cpu> = Net {
        r#type: Pair(param(), param()),
        unit: Unit,
        heads: 8,
        names: vec!["a"],
        mean: Buffer::new(1, init::ZERO),
        mask: Some(Buffer::new(1, init::ZERO)),
        tag: Tag(PhantomData),
    }
    .init(Cpu)?;
    let state = net.state_dict()?;
    assert_eq!(state.keys().collect::<Vec<_>>(), ["type.0", "type.second", "mean"]);
    assert_eq!(net.named_buffers().len(), 2);
    assert_eq!((net.heads, net.names.len()), (8, 1));
    Ok(())
}
