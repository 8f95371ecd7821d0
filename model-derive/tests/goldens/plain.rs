struct Mlp<D: Device> {
    fc1: Linear<D>,
    act: Activation,
    fc2: Linear<D>,
}
