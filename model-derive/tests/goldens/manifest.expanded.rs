const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<'a, A: Device, B: Device, const N: usize> _rt::Module for Split<'a, A, B, N> {
        type On<__P: _rt::Placement> = Split<
            'a,
            <__P as _rt::Placement>::First,
            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
            N,
        >;
        type After<__P: _rt::Placement> = <<__P as _rt::Placement>::Rest as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::Parts(
            &[
                _rt::__private::Part {
                    names: &["encoder"],
                    keys: <<[Linear<
                        A,
                    >; N] as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &[],
                    keys: <<Linear<
                        B,
                    > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
                _rt::__private::Part {
                    names: &["mask"],
                    keys: _rt::__private::Keys::None,
                },
                _rt::__private::Part {
                    names: &["name"],
                    keys: <<&'a str as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                },
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            <[Linear<
                A,
            >; N] as _rt::Module>::walk_field(&(self.encoder), "encoder", __walk);
            __walk
                .flattened()
                .noted(|__w| <Linear<B> as _rt::Module>::walk(&(self.decoder), __w));
            <Buffer<
                B,
            > as _rt::__private::Transient>::walk_field(&(self.mask), "mask", __walk);
            <&'a str as _rt::Module>::walk_field(&(self.name), "name", __walk);
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            <[Linear<
                A,
            >; N] as _rt::Module>::walk_mut_field(
                &mut (self.encoder),
                "encoder",
                __walk,
            )?;
            __walk
                .flattened()
                .noted(|__w| <Linear<
                    B,
                > as _rt::Module>::walk_mut(&mut (self.decoder), __w))?;
            <Buffer<
                B,
            > as _rt::__private::Transient>::walk_mut_field(
                &mut (self.mask),
                "mask",
                __walk,
            )?;
            <&'a str as _rt::Module>::walk_mut_field(&mut (self.name), "name", __walk)?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            Split {
                encoder: <[Linear<
                    A,
                >; N] as _rt::Module>::relocate_into_field::<
                    <__P as _rt::Placement>::First,
                    _,
                >(&(self.encoder), "encoder", __walk),
                decoder: __walk
                    .flattened()
                    .noted(|__w| <Linear<
                        B,
                    > as _rt::Module>::relocate_into::<
                        <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                        _,
                    >(&(self.decoder), __w)),
                mask: <Buffer<
                    B,
                > as _rt::__private::Transient>::relocate_into_field::<
                    <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    _,
                >(&(self.mask), "mask", __walk),
                name: <&'a str as _rt::Module>::relocate_fixed_field(
                    &(self.name),
                    "name",
                    __walk,
                ),
            }
        }
    }
    #[automatically_derived]
    impl<'a, A: Device, B: Device, const N: usize> _rt::__private::HasData
    for Split<'a, A, B, N>
    where
        A: _rt::Compute,
        B: _rt::Compute,
    {}
};
const _: () = {
    use ::model_runtime as _rt;
    const __TEXT: &_rt::__private::str = _rt::__private::include_str!("net.manifest");
    const __INDEX: &[_rt::__private::u8] = b"";
    #[allow(
        long_running_const_eval,
        reason = "a large manifest takes a while: about 0.3 s for 1 000 keys"
    )]
    const __MESSAGE: _rt::__private::Message = _rt::__private::check::<
        { _rt::__private::nodes(__TEXT, __INDEX) },
    >(
        ["Split", "net.manifest"],
        __TEXT,
        __INDEX,
        &<Split<'static, _rt::Meta, _rt::Meta> as _rt::Module>::KEYS,
    );
    const _: () = <_rt::__private::Message>::report(&__MESSAGE);
};
