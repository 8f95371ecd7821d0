//! Configuration stays as it is when a model moves.

use model_runtime::prelude::*;

#[derive(Clone, Debug, PartialEq)]
enum Pooling {
    Mean,
}

#[derive(Module)]
struct Net<D: Device> {
    fc: Linear<D>,
    heads: usize,
    sizes: Vec<(usize, f64)>,
    name: Option<String>,
    #[module(skip)]
    pooling: Pooling,
}

pub fn main() -> Result<()> {
    let fc = Linear::new(1, 1);
    let declared = Net { fc, heads: 2, sizes: vec![(1, 0.5)], name: Some("net".into()), pooling: Pooling::Mean };
    let net = declared.init(Cpu)?.to(Auto)?;
    assert_eq!((net.heads, net.sizes, net.name.as_deref()), (2, vec![(1, 0.5)], Some("net")));
    assert_eq!((net.pooling, net.fc.num_parameters()), (Pooling::Mean, 2));
    Ok(())
}
