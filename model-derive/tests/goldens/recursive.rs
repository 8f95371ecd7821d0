struct Tree<A: Device, B: Device> {
    left: Linear<A>,
    right: Linear<B>,
    child: Option<Box<Self>>,
}
