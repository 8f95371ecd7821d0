const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl _rt::Module for Relu {
        type On<__P: _rt::Placement> = Relu;
        type After<__P: _rt::Placement> = __P;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::None;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {}
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Relu {}
        }
    }
    #[automatically_derived]
    impl _rt::__private::HasData for Relu {}
};
