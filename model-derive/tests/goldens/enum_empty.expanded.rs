const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl _rt::Module for Never {
        type On<__P: _rt::Placement> = Never;
        type After<__P: _rt::Placement> = __P;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::None;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            match *self {}
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            match *self {}
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            match *self {}
        }
    }
    #[automatically_derived]
    impl _rt::__private::HasData for Never {}
};
