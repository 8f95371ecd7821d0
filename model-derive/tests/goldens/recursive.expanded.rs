const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::Module for Tree<A, B> {
        type On<__P: _rt::Placement> = Tree<
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            __walk
                .field(
                    "left",
                    |__w| <Linear<A> as _rt::Module>::walk(&(self.left), __w),
                );
            __walk
                .field(
                    "right",
                    |__w| <Linear<B> as _rt::Module>::walk(&(self.right), __w),
                );
            __walk
                .field(
                    "child",
                    |__w| <Option<Box<Self>> as _rt::Module>::walk(&(self.child), __w),
                );
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "left",
                    |__w| <Linear<A> as _rt::Module>::walk_mut(&mut (self.left), __w),
                )?;
            __walk
                .field(
                    "right",
                    |__w| <Linear<B> as _rt::Module>::walk_mut(&mut (self.right), __w),
                )?;
            __walk
                .field(
                    "child",
                    |__w| <Option<
                        Box<Self>,
                    > as _rt::Module>::walk_mut(&mut (self.child), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Tree {
                left: __walk
                    .field(
                        "left",
                        |__w| <Linear<
                            A,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.left), __w),
                    )?,
                right: __walk
                    .field(
                        "right",
                        |__w| <Linear<
                            B,
                        > as _rt::Module>::relocate_into::<
                            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                            _,
                        >(&(self.right), __w),
                    )?,
                child: __walk
                    .field(
                        "child",
                        |__w| <Option<
                            Box<Self>,
                        > as _rt::Module>::relocate_into::<
                            _rt::__private::Then<
                                <__P as _rt::Placement>::First,
                                <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                            >,
                            _,
                        >(&(self.child), __w),
                    )?,
            })
        }
    }
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::__private::HasData for Tree<A, B>
    where
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
