const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device, M: Module, N: Module> _rt::Module for Residual<D, M, N> {
        type On<__P: _rt::Placement> = Residual<
            <__P as _rt::Placement>::First,
            <M as _rt::Module>::On<<__P as _rt::Placement>::Rest>,
            <N as _rt::Module>::On<
                <M as _rt::Module>::After<<__P as _rt::Placement>::Rest>,
            >,
        >;
        type After<__P: _rt::Placement> = <N as _rt::Module>::After<
            <M as _rt::Module>::After<<__P as _rt::Placement>::Rest>,
        >;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "scale",
                    |__w| <Param<D> as _rt::Module>::walk(&(self.scale), __w),
                );
            __walk.field("inner", |__w| <M as _rt::Module>::walk(&(self.inner), __w));
            __walk
                .field(
                    "both",
                    |__w| <(Linear<D>, M, N) as _rt::Module>::walk(&(self.both), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "scale",
                    |__w| <Param<D> as _rt::Module>::walk_mut(&mut (self.scale), __w),
                )?;
            __walk
                .field(
                    "inner",
                    |__w| <M as _rt::Module>::walk_mut(&mut (self.inner), __w),
                )?;
            __walk
                .field(
                    "both",
                    |__w| <(
                        Linear<D>,
                        M,
                        N,
                    ) as _rt::Module>::walk_mut(&mut (self.both), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Residual {
                scale: __walk
                    .field(
                        "scale",
                        |__w| <Param<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.scale), __w),
                    )?,
                inner: __walk
                    .field(
                        "inner",
                        |__w| <M as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::Rest,
                            _,
                        >(&(self.inner), __w),
                    )?,
                both: __walk
                    .field(
                        "both",
                        |__w| <(
                            Linear<D>,
                            M,
                            N,
                        ) as _rt::Module>::relocate_into::<
                            _rt::__private::Then<
                                <__P as _rt::Placement>::First,
                                <__P as _rt::Placement>::Rest,
                            >,
                            _,
                        >(&(self.both), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<D: Device, M: Module, N: Module> _rt::__private::HasData for Residual<D, M, N>
    where
        D: _rt::Compute,
        M: _rt::Loaded,
        N: _rt::Loaded,
    {}
};
