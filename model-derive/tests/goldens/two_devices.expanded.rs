const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::Module for Translator<A, B> {
        type On<__P: _rt::Placement> = Translator<
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "bridge",
                    |__w| <Bridge<B, A> as _rt::Module>::walk(&(self.bridge), __w),
                );
            __walk
                .field(
                    "encoder",
                    |__w| <Encoder<A> as _rt::Module>::walk(&(self.encoder), __w),
                );
            __walk
                .field(
                    "decoder",
                    |__w| <Vec<
                        (Linear<B>, Linear<B>),
                    > as _rt::Module>::walk(&(self.decoder), __w),
                );
            __walk
                .field("heads", |__w| <usize as _rt::Module>::walk(&(self.heads), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "bridge",
                    |__w| <Bridge<
                        B,
                        A,
                    > as _rt::Module>::walk_mut(&mut (self.bridge), __w),
                )?;
            __walk
                .field(
                    "encoder",
                    |__w| <Encoder<A> as _rt::Module>::walk_mut(&mut (self.encoder), __w),
                )?;
            __walk
                .field(
                    "decoder",
                    |__w| <Vec<
                        (Linear<B>, Linear<B>),
                    > as _rt::Module>::walk_mut(&mut (self.decoder), __w),
                )?;
            __walk
                .field(
                    "heads",
                    |__w| <usize as _rt::Module>::walk_mut(&mut (self.heads), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Translator {
                bridge: __walk
                    .field(
                        "bridge",
                        |__w| <Bridge<
                            B,
                            A,
                        > as _rt::Module>::relocate_into::<
                            _rt::__private::Then<
                                <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                                <__P as _rt::Placement>::First,
                            >,
                            _,
                        >(&(self.bridge), __w),
                    )?,
                encoder: __walk
                    .field(
                        "encoder",
                        |__w| <Encoder<
                            A,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.encoder), __w),
                    )?,
                decoder: __walk
                    .field(
                        "decoder",
                        |__w| <Vec<
                            (Linear<B>, Linear<B>),
                        > as _rt::Module>::relocate_into::<
                            _rt::__private::Then<
                                <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                                <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                            >,
                            _,
                        >(&(self.decoder), __w),
                    )?,
                heads: __walk
                    .field(
                        "heads",
                        |__w| <usize as _rt::Module>::relocate_into::<
                            __P,
                            _,
                        >(&(self.heads), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::__private::HasData for Translator<A, B>
    where
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
