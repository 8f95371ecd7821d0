const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Mlp<D> {
        type On<__P: _rt::Placement> = Mlp<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field("fc1", |__w| <Linear<D> as _rt::Module>::walk(&(self.fc1), __w));
            __walk
                .field("act", |__w| <Activation as _rt::Module>::walk(&(self.act), __w));
            __walk
                .field("fc2", |__w| <Linear<D> as _rt::Module>::walk(&(self.fc2), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "fc1",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.fc1), __w),
                )?;
            __walk
                .field(
                    "act",
                    |__w| <Activation as _rt::Module>::walk_mut(&mut (self.act), __w),
                )?;
            __walk
                .field(
                    "fc2",
                    |__w| <Linear<D> as _rt::Module>::walk_mut(&mut (self.fc2), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Mlp {
                fc1: __walk
                    .field(
                        "fc1",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.fc1), __w),
                    )?,
                act: __walk
                    .field(
                        "act",
                        |__w| <Activation as _rt::Module>::relocate_into::<
                            __P,
                            _,
                        >(&(self.act), __w),
                    )?,
                fc2: __walk
                    .field(
                        "fc2",
                        |__w| <Linear<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.fc2), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Mlp<D>
    where
        D: _rt::Compute,
    {}
};
