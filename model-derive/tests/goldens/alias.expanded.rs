const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Net<D> {
        type On<__P: _rt::Placement> = Net<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["fc", "lin", "linear"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .alias(&["lin", "linear"])
                .field("fc", |__w| <Linear<D> as _rt::Module>::walk(&(self.fc), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .alias(&["lin", "linear"])
                .field(
                    "fc",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.fc), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Net {
                fc: __walk
                    .alias(&["lin", "linear"])
                    .field(
                        "fc",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.fc), __w),
                    ),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Net<D>
    where
        D: _rt::Compute,
    {}
};
