const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Derived<D> {
        type On<__P: _rt::Placement> = Derived<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &[],
                    keys: <<Base<D> as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &[],
                    keys: _rt::__private::Keys::None,
                },
                _rt::__private::Part {
                    names: &["head"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .flattened()
                .noted(|__w| <Base<D> as _rt::Module>::walk(&(self.base), __w));
            __walk
                .flattened()
                .noted(|__w| <Vec<
                    Buffer<D>,
                > as _rt::__private::Transient>::walk(&(self.masks), __w));
            <Linear<D> as _rt::Module>::walk_field(&(self.head), "head", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .flattened()
                .noted(|__w| <Base<D> as _rt::Module>::walk_mut(&mut (self.base), __w))?;
            __walk
                .flattened()
                .noted(|__w| <Vec<
                    Buffer<D>,
                > as _rt::__private::Transient>::walk_mut(&mut (self.masks), __w))?;
            <Linear<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.head), "head", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Derived {
                base: __walk
                    .flattened()
                    .noted(|__w| <Base<
                        D,
                    > as _rt::Module>::relocate_into::<
                        <__P as _rt::Placement>::First,
                        _,
                    >(&(self.base), __w)),
                masks: __walk
                    .flattened()
                    .noted(|__w| <Vec<
                        Buffer<D>,
                    > as _rt::__private::Transient>::relocate_into::<
                        <__P as _rt::Placement>::First,
                        _,
                    >(&(self.masks), __w)),
                head: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.head), "head", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Derived<D>
    where
        D: _rt::Compute,
    {}
};
