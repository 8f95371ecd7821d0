struct Residual<D: Device, M: Module, N: Module> {
    scale: Param<D>,
    inner: M,
    both: (Linear<D>, M, N),
}
