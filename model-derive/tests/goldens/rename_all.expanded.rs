const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Attention<D> {
        type On<__P: _rt::Placement> = Attention<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "inProjWeight",
                    |__w| <Param<D> as _rt::Module>::walk(&(self.in_proj_weight), __w),
                );
            __walk
                .field(
                    "out_proj",
                    |__w| <Linear<D> as _rt::Module>::walk(&(self.out_proj), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "inProjWeight",
                    |__w| <Param<
                        D,
                    > as _rt::Module>::walk_mut(&mut (self.in_proj_weight), __w),
                )?;
            __walk
                .field(
                    "out_proj",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.out_proj), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Attention {
                in_proj_weight: __walk
                    .field(
                        "inProjWeight",
                        |__w| <Param<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.in_proj_weight), __w),
                    )?,
                out_proj: __walk
                    .field(
                        "out_proj",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.out_proj), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Attention<D>
    where
        D: _rt::Compute,
    {}
};
