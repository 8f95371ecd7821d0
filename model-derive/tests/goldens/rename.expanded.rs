const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Attention<D> {
        type On<__P: _rt::Placement> = Attention<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["in_proj"],
                    keys: <<Linear<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["type"],
                    keys: <<Embedding<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Linear<D> as _rt::Module>::walk_field(&(self.qkv), "in_proj", __walk);
            <Embedding<D> as _rt::Module>::walk_field(&(self.r#type), "type", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Linear<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.qkv), "in_proj", __walk)?;
            <Embedding<
                D,
            > as _rt::Module>::walk_mut_field(&mut (self.r#type), "type", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Attention {
                qkv: <Linear<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.qkv), "in_proj", __walk),
                r#type: <Embedding<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.r#type), "type", __walk),
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Attention<D>
    where
        D: _rt::Compute,
    {}
};
