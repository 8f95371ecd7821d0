const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Pair<D> {
        type On<__P: _rt::Placement> = Pair<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["0"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["1"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Linear<D> as _rt::Module>::walk_field(&(self.0), "0", __walk);
            <Linear<D> as _rt::Module>::walk_field(&(self.1), "1", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Linear<D> as _rt::Module>::walk_mut_field(&mut (self.0), "0", __walk)?;
            <Linear<D> as _rt::Module>::walk_mut_field(&mut (self.1), "1", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Pair {
                0: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.0), "0", __walk),
                1: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.1), "1", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Pair<D>
    where
        D: _rt::Compute,
    {}
};
