#[module(manifest = "net.manifest")]
struct Split<'a, A: Device, B: Device, const N: usize = 2> {
    encoder: [Linear<A>; N],
    #[module(flatten)]
    decoder: Linear<B>,
    #[module(persistent = false)]
    mask: Buffer<B>,
    name: &'a str,
}
