const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Net<D> {
        type On<__P: _rt::Placement> = Net<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &[],
                    keys: <<Backbone<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["cls"],
                    keys: _rt::__private::Keys::Lenient(
                        &<<Param<D> as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                    ),
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .flattened()
                .frozen()
                .noted(|__w| <Backbone<D> as _rt::Module>::walk(&(self.backbone), __w));
            __walk
                .default()
                .frozen()
                .field("cls", |__w| <Param<D> as _rt::Module>::walk(&(self.token), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .flattened()
                .frozen()
                .noted(|__w| <Backbone<
                    D,
                > as _rt::Module>::walk_mut(&mut (self.backbone), __w))?;
            __walk
                .default()
                .frozen()
                .field(
                    "cls",
                    |__w| <Param<D> as _rt::Module>::walk_mut(&mut (self.token), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Net {
                backbone: __walk
                    .flattened()
                    .frozen()
                    .noted(|__w| <Backbone<
                        D,
                    > as _rt::Module>::relocate_into::<
                        <__P as _rt::Placement>::First,
                        _,
                    >(&(self.backbone), __w)),
                token: __walk
                    .default()
                    .frozen()
                    .field(
                        "cls",
                        |__w| <Param<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.token), __w),
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
