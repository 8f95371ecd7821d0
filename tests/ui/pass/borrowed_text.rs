//! Text that the model borrows is configuration, whatever its lifetime is.

use std::borrow::Cow;

use model_runtime::prelude::*;

#[derive(Module, Clone, Debug)]
struct Net<'a, D: Device> {
    fc: Linear<D>,
    name: &'a str,
    title: Cow<'a, str>,
}

fn moved<'a>(net: Net<'a, Cpu>) -> Result<Net<'a, Auto>> {
    net.to(Auto)
}

pub fn main() -> Result<()> {
    let name = String::from("net");
    let net = moved(Net { fc: Linear::new(4, 2), name: &name, title: Cow::Borrowed(&name) }.init(Cpu)?)?;
    assert_eq!((net.name, &*net.title), ("net", "net"));
    Ok(())
}
