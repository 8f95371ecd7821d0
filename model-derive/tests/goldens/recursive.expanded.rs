const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::Module for Tree<A, B> {
        type On<__P: _rt::Placement> = Tree<
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["left"],
                    keys: <<Linear<
                        A,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["right"],
                    keys: <<Linear<
                        B,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["child"],
                    keys: _rt::__private::Keys::RECURSIVE,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Linear<A> as _rt::Module>::walk_field(&(self.left), "left", __walk);
            <Linear<B> as _rt::Module>::walk_field(&(self.right), "right", __walk);
            <Option<
                Box<Self>,
            > as _rt::Module>::walk_field(&(self.child), "child", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Linear<
                A,
            > as _rt::Module>::walk_mut_field(&mut (self.left), "left", __walk)?;
            <Linear<
                B,
            > as _rt::Module>::walk_mut_field(&mut (self.right), "right", __walk)?;
            <Option<
                Box<Self>,
            > as _rt::Module>::walk_mut_field(&mut (self.child), "child", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Tree {
                left: <Linear<
                    A,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.left), "left", __walk),
                right: <Linear<
                    B,
                > as _rt::Module>::relocate_into_field::<
                    <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    _,
                >(&(self.right), "right", __walk),
                child: <Option<
                    Box<Self>,
                > as _rt::Module>::relocate_into_field::<
                    _rt::__private::Then<
                        <__P as _rt::Placement>::First,
                        <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    >,
                    _,
                >(&(self.child), "child", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<A: Device, B: Device> _rt::__private::HasData for Tree<A, B>
    where
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
