const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<'a, D, const N: usize> _rt::Module for Stack<'a, D, N>
    where
        D: model_runtime::Device,
    {
        type On<__P: _rt::Placement> = Stack<'a, <__P as _rt::Placement>::First, N>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "layers",
                    |__w| <[Linear<D>; N] as _rt::Module>::walk(&(self.layers), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "layers",
                    |__w| <[Linear<
                        D,
                    >; N] as _rt::Module>::walk_mut(&mut (self.layers), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Stack {
                layers: __walk
                    .field(
                        "layers",
                        |__w| <[Linear<
                            D,
                        >; N] as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.layers), __w),
                    )?,
                name: <&'a str as _rt::__private::Clone>::clone(&(self.name)),
            })
        }
    }
    #[automatically_derived]
    impl<'a, D, const N: usize> _rt::__private::HasData for Stack<'a, D, N>
    where
        D: model_runtime::Device,
        D: _rt::Compute,
    {}
};
