::core::compile_error! {
    "unknown module field attribute `renam`, expected one of `alias`, `default`, `flatten`, `frozen`, `persistent`, `rename`, `skip`, `tied`, `with`"
}
::core::compile_error! {
    "a field that names `D` moves with the model and cannot be skipped: remove `skip`, and declare a tensor `Param<D>` if it is trained, or `Buffer<D>` if it is not"
}
const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Net<D> {
        type On<__P: _rt::Placement> = Net<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Any;
        fn walk<'__a>(&'__a self, _: &mut _rt::__private::Walk<'__a, '_>) {}
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
    impl<D: Device> _rt::__private::HasData for Net<D>
    where
        D: _rt::Compute,
    {}
};
