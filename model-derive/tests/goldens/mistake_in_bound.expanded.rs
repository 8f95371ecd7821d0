::core::compile_error! {
    "a model is declared on `Meta`, which is not `Compute`: write `D: Device` here, and `D: Compute` on the impls that compute"
}
const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Compute> _rt::Module for Net<D> {
        type On<__P: _rt::Placement> = Self;
        type After<__P: _rt::Placement> = __P;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Any;
        fn walk<'__a>(&'__a self, _: &mut _rt::__private::Walk<'__a, '_>) {
            let _ = <Linear<D> as _rt::Module>::walk;
        }
        fn walk_mut(&mut self, _: &mut _rt::__private::WalkMut<'_>) -> _rt::Result<()> {
            _rt::__private::refused()
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            _: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            _rt::__private::refused()
        }
    }
    #[automatically_derived]
    impl<D: Compute> _rt::__private::HasData for Net<D>
    where
        D: _rt::Compute,
    {}
};
