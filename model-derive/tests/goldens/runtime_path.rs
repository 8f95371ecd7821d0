#[module(crate = renamed::model_runtime)]
struct Net<D: Device> {
    fc: Linear<D>,
}
