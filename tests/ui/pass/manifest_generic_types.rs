//! Types with parameters: two devices, lifetimes and defaults, and concrete types by the macro.

use model_runtime::prelude::*;

#[derive(Module)]
struct Residual<M: Module> {
    inner: M,
}

#[derive(Module)]
#[module(manifest = "manifest_generic_types.manifest")]
struct Split<'a, A: Device, B: Device, const N: usize = 2> {
    encoder: [Residual<Linear<A>>; N],
    decoder: Residual<Linear<B>>,
    name: &'static str,
    #[module(skip)]
    _text: std::marker::PhantomData<&'a str>,
}

#[derive(Module)]
struct Open<M: Module, const N: usize> {
    encoder: [M; N],
    decoder: M,
}

model_runtime::check_manifest!(Open<Residual<Linear<Meta>>, 2>, "manifest_generic_types.manifest");

pub fn main() {
    #[derive(Module)]
    #[module(manifest = "manifest_generic_types.manifest")]
    struct Inside<D: Device> {
        encoder: Vec<Residual<Linear<D>>>,
        decoder: Residual<Linear<D>>,
    }
    let _ = |net: Inside<Cpu>| (net.encoder, net.decoder);
}
