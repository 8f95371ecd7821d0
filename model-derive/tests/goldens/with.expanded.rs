const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Block<D> {
        type On<__P: _rt::Placement> = Block<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["c_fc"],
                    keys: _rt::__private::Keys::Any,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .with(_rt::__private::Convert {
                    stored: model_runtime::with::transposed::stored,
                    load: model_runtime::with::transposed::load,
                    save: model_runtime::with::transposed::save,
                })
                .field(
                    "c_fc",
                    |__w| <Linear<D> as _rt::Module>::walk(&(self.c_fc), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .with(_rt::__private::Convert {
                    stored: model_runtime::with::transposed::stored,
                    load: model_runtime::with::transposed::load,
                    save: model_runtime::with::transposed::save,
                })
                .field(
                    "c_fc",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.c_fc), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Block {
                c_fc: __walk
                    .with(_rt::__private::Convert {
                        stored: model_runtime::with::transposed::stored,
                        load: model_runtime::with::transposed::load,
                        save: model_runtime::with::transposed::save,
                    })
                    .field(
                        "c_fc",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.c_fc), __w),
                    ),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Block<D>
    where
        D: _rt::Compute,
    {}
};
