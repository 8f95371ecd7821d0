const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Attention<D> {
        type On<__P: _rt::Placement> = Attention<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["inProjWeight"],
                    keys: <<Param<D> as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["out_proj"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Param<
                D,
            > as _rt::Module>::walk_field(
                &(self.in_proj_weight),
                "inProjWeight",
                __walk,
            );
            <Linear<D> as _rt::Module>::walk_field(&(self.out_proj), "out_proj", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Param<
                D,
            > as _rt::Module>::walk_mut_field(
                &mut (self.in_proj_weight),
                "inProjWeight",
                __walk,
            )?;
            <Linear<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.out_proj), "out_proj", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Attention {
                in_proj_weight: <Param<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.in_proj_weight), "inProjWeight", __walk),
                out_proj: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.out_proj), "out_proj", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Attention<D>
    where
        D: _rt::Compute,
    {}
};
