#[module(transparent)]
struct Named<D: Device> {
    inner: Linear<D>,
    #[module(skip)]
    name: String,
}
