const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Rotary<D> {
        type On<__P: _rt::Placement> = Rotary<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["frequencies"],
                    keys: _rt::__private::Keys::None,
                },
                _rt::__private::Part {
                    names: &["scale"],
                    keys: <<Buffer<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Buffer<
                D,
            > as _rt::__private::Transient>::walk_field(
                &(self.frequencies),
                "frequencies",
                __walk,
            );
            <Buffer<D> as _rt::Module>::walk_field(&(self.scale), "scale", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Buffer<
                D,
            > as _rt::__private::Transient>::walk_mut_field(
                &mut (self.frequencies),
                "frequencies",
                __walk,
            )?;
            <Buffer<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.scale), "scale", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Rotary {
                frequencies: <Buffer<
                    D,
                > as _rt::__private::Transient>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.frequencies), "frequencies", __walk),
                scale: <Buffer<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.scale), "scale", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Rotary<D>
    where
        D: _rt::Compute,
    {}
};
