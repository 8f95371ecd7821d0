const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::Module for Translator<A, B> {
        type On<__P: _rt::Placement> = Translator<
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["bridge"],
                    keys: <<Bridge<
                        B,
                        A,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["encoder"],
                    keys: <<Encoder<
                        A,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["decoder"],
                    keys: <<Vec<
                        (Linear<B>, Linear<B>),
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["heads"],
                    keys: <<usize as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Bridge<B, A> as _rt::Module>::walk_field(&(self.bridge), "bridge", __walk);
            <Encoder<A> as _rt::Module>::walk_field(&(self.encoder), "encoder", __walk);
            <Vec<
                (Linear<B>, Linear<B>),
            > as _rt::Module>::walk_field(&(self.decoder), "decoder", __walk);
            <usize as _rt::Module>::walk_field(&(self.heads), "heads", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Bridge<
                B,
                A,
            > as _rt::Module>::walk_mut_field(&mut (self.bridge), "bridge", __walk)?;
            <Encoder<
                A,
            > as _rt::Module>::walk_mut_field(&mut (self.encoder), "encoder", __walk)?;
            <Vec<
                (Linear<B>, Linear<B>),
            > as _rt::Module>::walk_mut_field(&mut (self.decoder), "decoder", __walk)?;
            <usize as _rt::Module>::walk_mut_field(&mut (self.heads), "heads", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Translator {
                bridge: <Bridge<
                    B,
                    A,
                > as _rt::Module>::relocate_into_field::<
                    _rt::__private::Then<
                        <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                        <__P as _rt::Placement>::First,
                    >,
                    _,
                >(&(self.bridge), "bridge", __walk),
                encoder: <Encoder<
                    A,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.encoder), "encoder", __walk),
                decoder: <Vec<
                    (Linear<B>, Linear<B>),
                > as _rt::Module>::relocate_into_field::<
                    _rt::__private::Then<
                        <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                        <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    >,
                    _,
                >(&(self.decoder), "decoder", __walk),
                heads: <usize as _rt::Module>::relocate_fixed_field(
                    &(self.heads),
                    "heads",
                    __walk,
                ),
            }
        }
    }
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::__private::HasData for Translator<A, B>
    where
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
