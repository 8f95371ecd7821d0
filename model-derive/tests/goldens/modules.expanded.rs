const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device, M: Module, N: Module> _rt::Module for Residual<D, M, N> {
        type On<__P: _rt::Placement> = Residual<
            <__P as _rt::Placement>::First,
            <M as _rt::Module>::On<<__P as _rt::Placement>::Rest>,
            <N as _rt::Module>::On<
                <M as _rt::Module>::After<<__P as _rt::Placement>::Rest>,
            >,
        >;
        type After<__P: _rt::Placement> = <N as _rt::Module>::After<
            <M as _rt::Module>::After<<__P as _rt::Placement>::Rest>,
        >;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["scale"],
                    keys: <<Param<D> as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["inner"],
                    keys: <<M as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["both"],
                    keys: <<(
                        Linear<D>,
                        M,
                        N,
                    ) as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Param<D> as _rt::Module>::walk_field(&(self.scale), "scale", __walk);
            <M as _rt::Module>::walk_field(&(self.inner), "inner", __walk);
            <(Linear<D>, M, N) as _rt::Module>::walk_field(&(self.both), "both", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Param<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.scale), "scale", __walk)?;
            <M as _rt::Module>::walk_mut_field(&mut (self.inner), "inner", __walk)?;
            <(
                Linear<D>,
                M,
                N,
            ) as _rt::Module>::walk_mut_field(&mut (self.both), "both", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Residual {
                scale: <Param<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.scale), "scale", __walk),
                inner: <M as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::Rest,
                    _,
                >(&(self.inner), "inner", __walk),
                both: <(
                    Linear<D>,
                    M,
                    N,
                ) as _rt::Module>::relocate_into_field::<
                    _rt::__private::Then<
                        <__P as _rt::Placement>::First,
                        <__P as _rt::Placement>::Rest,
                    >,
                    _,
                >(&(self.both), "both", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device, M: Module, N: Module> _rt::__private::HasData for Residual<D, M, N>
    where
        D: _rt::Compute,
        M: _rt::Loaded,
        N: _rt::Loaded,
    {}
};
