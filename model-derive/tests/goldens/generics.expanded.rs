const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<'a, D, const N: usize> _rt::Module for Stack<'a, D, N>
    where
        D: model_runtime::Device,
    {
        type On<__P: _rt::Placement> = Stack<'a, <__P as _rt::Placement>::First, N>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["layers"],
                    keys: <<[Linear<
                        D,
                    >; N] as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <[Linear<
                D,
            >; N] as _rt::Module>::walk_field(&(self.layers), "layers", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <[Linear<
                D,
            >; N] as _rt::Module>::walk_mut_field(&mut (self.layers), "layers", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Stack {
                layers: <[Linear<
                    D,
                >; N] as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.layers), "layers", __walk),
                name: <&'a str as _rt::__private::Clone>::clone(&(self.name)),
            }
        }
    }
    #[automatically_derived]
    impl<'a, D, const N: usize> _rt::__private::HasData for Stack<'a, D, N>
    where
        D: model_runtime::Device,
        D: _rt::Compute,
    {}
};
