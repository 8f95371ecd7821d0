const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Rotary<D> {
        type On<__P: _rt::Placement> = Rotary<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "frequencies",
                    |__w| <Buffer<
                        D,
                    > as _rt::__private::Transient>::walk(&(self.frequencies), __w),
                );
            __walk
                .field(
                    "scale",
                    |__w| <Buffer<D> as _rt::Module>::walk(&(self.scale), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "frequencies",
                    |__w| <Buffer<
                        D,
                    > as _rt::__private::Transient>::walk_mut(
                        &mut (self.frequencies),
                        __w,
                    ),
                )?;
            __walk
                .field(
                    "scale",
                    |__w| <Buffer<D> as _rt::Module>::walk_mut(&mut (self.scale), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Rotary {
                frequencies: __walk
                    .field(
                        "frequencies",
                        |__w| <Buffer<
                            D,
                        > as _rt::__private::Transient>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.frequencies), __w),
                    )?,
                scale: __walk
                    .field(
                        "scale",
                        |__w| <Buffer<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.scale), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Rotary<D>
    where
        D: _rt::Compute,
    {}
};
