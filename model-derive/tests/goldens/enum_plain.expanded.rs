const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl _rt::Module for Pooling {
        type On<__P: _rt::Placement> = Pooling;
        type After<__P: _rt::Placement> = __P;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::None;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            match self {
                Pooling::Mean {} => {}
                Pooling::Window { 0: __field0 } => {
                    <usize as _rt::Module>::walk(&(*__field0), __walk);
                }
            }
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            match self {
                Pooling::Mean {} => {}
                Pooling::Window { 0: __field0 } => {
                    <usize as _rt::Module>::walk_mut(&mut (*__field0), __walk)?;
                }
            }
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            match self {
                Pooling::Mean {} => Pooling::Mean {},
                Pooling::Window { 0: __field0 } => {
                    Pooling::Window {
                        0: <usize as _rt::Module>::relocate_fixed(&(*__field0), __walk),
                    }
                }
            }
        }
    }
    #[automatically_derived]
    impl _rt::__private::HasData for Pooling {}
};
