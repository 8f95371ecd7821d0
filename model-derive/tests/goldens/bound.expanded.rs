const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device, T, U> _rt::Module for Encoder<D, T, U>
    where
        T: Clone,
        U: Clone + Default,
    {
        type On<__P: _rt::Placement> = Encoder<<__P as _rt::Placement>::First, T, U>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["fc"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Linear<D> as _rt::Module>::walk_field(&(self.fc), "fc", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Linear<D> as _rt::Module>::walk_mut_field(&mut (self.fc), "fc", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Encoder {
                fc: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.fc), "fc", __walk),
                vocabulary: <Vec<
                    (T, U),
                > as _rt::__private::Clone>::clone(&(self.vocabulary)),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device, T, U> _rt::__private::HasData for Encoder<D, T, U>
    where
        T: Clone,
        U: Clone + Default,
        D: _rt::Compute,
    {}
};
