pub struct Net<D: Device>
where
    Linear<D>: Clone,
{
    fc: Linear<D>,
}
