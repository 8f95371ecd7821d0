const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Pair<D> {
        type On<__P: _rt::Placement> = Pair<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk.field("0", |__w| <Linear<D> as _rt::Module>::walk(&(self.0), __w));
            __walk.field("1", |__w| <Linear<D> as _rt::Module>::walk(&(self.1), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "0",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.0), __w),
                )?;
            __walk
                .field(
                    "1",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.1), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Pair {
                0: __walk
                    .field(
                        "0",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.0), __w),
                    )?,
                1: __walk
                    .field(
                        "1",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.1), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Pair<D>
    where
        D: _rt::Compute,
    {}
};
