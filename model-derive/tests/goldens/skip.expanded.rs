const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<'a, D: Device, T> _rt::Module for Tokenizer<'a, D, T>
    where
        &'a [T]: _rt::__private::Clone,
    {
        type On<__P: _rt::Placement> = Tokenizer<'a, <__P as _rt::Placement>::First, T>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["embedding"],
                    keys: <<Embedding<
                        D,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <Embedding<
                D,
            > as _rt::Module>::walk_field(&(self.embedding), "embedding", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <Embedding<
                D,
            > as _rt::Module>::walk_mut_field(
                &mut (self.embedding),
                "embedding",
                __walk,
            )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Tokenizer {
                embedding: <Embedding<
                    D,
                > as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.embedding), "embedding", __walk),
                vocabulary: <&'a [T] as _rt::__private::Clone>::clone(
                    &(self.vocabulary),
                ),
                config: <Config as _rt::__private::Clone>::clone(&(self.config)),
            }
        }
    }
    #[automatically_derived]
    impl<'a, D: Device, T> _rt::__private::HasData for Tokenizer<'a, D, T>
    where
        &'a [T]: _rt::__private::Clone,
        D: _rt::Compute,
    {}
};
