struct Rotary<D: Device> {
    #[module(persistent = false)]
    frequencies: Buffer<D>,
    #[module(persistent = true)]
    scale: Buffer<D>,
}
