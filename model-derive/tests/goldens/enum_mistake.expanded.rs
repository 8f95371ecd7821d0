::core::compile_error! {
    "a variant adds nothing to the keys, so there is nothing to rename: remove `rename`, or write it on a field of the variant"
}
const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Norm<D> {
        type On<__P: _rt::Placement> = Norm<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Any;
        fn walk<'__a>(&'__a self, _: &mut _rt::__private::Walk<'__a, '_>) {
            let _ = <LayerNorm<D> as _rt::Module>::walk;
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
    impl<D: Device> _rt::__private::HasData for Norm<D>
    where
        D: _rt::Compute,
    {}
};
