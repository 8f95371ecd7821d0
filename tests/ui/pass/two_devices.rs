//! The n-th device parameter takes the n-th device, however the fields name them.

use model_runtime::prelude::*;

#[derive(Module)]
struct Stage<A: Device, B: Device> {
    from: Linear<A>,
    to: Linear<B>,
}

type Alias<A, B> = Stage<A, B>;
type Same<D> = Stage<D, D>;

#[derive(Module)]
struct Net<A: Device, B: Device> {
    forth: Stage<A, B>,
    back: Stage<B, A>,
    only_b: Same<B>,
    pairs: Vec<(Linear<B>, Linear<A>, Option<Linear<B>>)>,
    alias: Alias<A, B>,
}

fn stage() -> Stage<Meta, Meta> {
    Stage { from: Linear::new(1, 1), to: Linear::new(1, 1) }
}

pub fn main() -> Result<()> {
    let pairs = vec![(Linear::new(1, 1), Linear::new(1, 1), None)];
    let declared = Net { forth: stage(), back: stage(), only_b: stage(), pairs, alias: stage() };
    let net: Net<Auto, Cpu> = declared.init((Auto, Cpu))?;
    let _: &Linear<Cpu> = &net.forth.to;
    let _: &Stage<Cpu, Auto> = &net.back;
    let _: &(Linear<Cpu>, Linear<Auto>, Option<Linear<Cpu>>) = &net.pairs[0];
    let _: Net<Cpu, Cpu> = net.to(Cpu)?;
    Ok(())
}
