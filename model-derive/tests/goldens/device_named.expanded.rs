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
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["encoder"],
                    keys: <<Linear<
                        A,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["decoder"],
                    keys: <<Linear<
                        B,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Linear<A> as _rt::Module>::walk_field(&(self.encoder), "encoder", __walk);
            <Linear<B> as _rt::Module>::walk_field(&(self.decoder), "decoder", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Linear<
                A,
            > as _rt::Module>::walk_mut_field(&mut (self.encoder), "encoder", __walk)?;
            <Linear<
                B,
            > as _rt::Module>::walk_mut_field(&mut (self.decoder), "decoder", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Net {
                encoder: <Linear<
                    A,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.encoder), "encoder", __walk),
                decoder: <Linear<
                    B,
                > as _rt::Module>::relocate_into_field::<
                    <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    _,
                >(&(self.decoder), "decoder", __walk),
            }
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
