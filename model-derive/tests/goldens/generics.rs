pub struct Stack<'a, D, const N: usize = 2>
where
    D: model_runtime::Device,
{
    layers: [Linear<D>; N],
    #[module(skip)]
    name: &'a str,
}
