const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device, T, U> _rt::Module for Encoder<D, T, U>
    where
        T: Clone,
        U: Clone + Default,
    {
        type On<__P: _rt::Placement> = Encoder<<__P as _rt::Placement>::First, T, U>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk.field("fc", |__w| <Linear<D> as _rt::Module>::walk(&(self.fc), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "fc",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.fc), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Encoder {
                fc: __walk
                    .field(
                        "fc",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.fc), __w),
                    )?,
                vocabulary: <Vec<
                    (T, U),
                > as _rt::__private::Clone>::clone(&(self.vocabulary)),
            })
        }
    }
    #[automatically_derived]
    impl<D: Device, T, U> _rt::__private::HasData for Encoder<D, T, U>
    where
        T: Clone,
        U: Clone + Default,
        D: _rt::Compute,
    {}
};
