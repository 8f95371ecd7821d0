const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<A, B> _rt::Module for Net<A, B>
    where
        A: Place,
        B: Place,
    {
        type On<__P: _rt::Placement> = Net<
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "encoder",
                    |__w| <Linear<A> as _rt::Module>::walk(&(self.encoder), __w),
                );
            __walk
                .field(
                    "decoder",
                    |__w| <Linear<B> as _rt::Module>::walk(&(self.decoder), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "encoder",
                    |__w| <Linear<A> as _rt::Module>::walk_mut(&mut (self.encoder), __w),
                )?;
            __walk
                .field(
                    "decoder",
                    |__w| <Linear<B> as _rt::Module>::walk_mut(&mut (self.decoder), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Net {
                encoder: __walk
                    .field(
                        "encoder",
                        |__w| <Linear<
                            A,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.encoder), __w),
                    )?,
                decoder: __walk
                    .field(
                        "decoder",
                        |__w| <Linear<
                            B,
                        > as _rt::Module>::relocate_into::<
                            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                            _,
                        >(&(self.decoder), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<A, B> _rt::__private::HasData for Net<A, B>
    where
        A: Place,
        B: Place,
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
