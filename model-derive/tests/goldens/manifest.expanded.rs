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
            __walk
                .field(
                    "encoder",
                    |__w| <[Linear<A>; N] as _rt::Module>::walk(&(self.encoder), __w),
                );
            <Linear<B> as _rt::Module>::walk(&(self.decoder), __walk);
            __walk
                .field(
                    "mask",
                    |__w| <Buffer<
                        B,
                    > as _rt::__private::Transient>::walk(&(self.mask), __w),
                );
            __walk
                .field("name", |__w| <&'a str as _rt::Module>::walk(&(self.name), __w));
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            __walk
                .field(
                    "encoder",
                    |__w| <[Linear<
                        A,
                    >; N] as _rt::Module>::walk_mut(&mut (self.encoder), __w),
                )?;
            <Linear<B> as _rt::Module>::walk_mut(&mut (self.decoder), __walk)?;
            __walk
                .field(
                    "mask",
                    |__w| <Buffer<
                        B,
                    > as _rt::__private::Transient>::walk_mut(&mut (self.mask), __w),
                )?;
            __walk
                .field(
                    "name",
                    |__w| <&'a str as _rt::Module>::walk_mut(&mut (self.name), __w),
                )?;
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> _rt::Result<Self::On<__P>> {
            _rt::__private::Ok(Split {
                encoder: __walk
                    .field(
                        "encoder",
                        |__w| <[Linear<
                            A,
                        >; N] as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(self.encoder), __w),
                    )?,
                decoder: <Linear<
                    B,
                > as _rt::Module>::relocate_into::<
                    <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                    _,
                >(&(self.decoder), __walk)?,
                mask: __walk
                    .field(
                        "mask",
                        |__w| <Buffer<
                            B,
                        > as _rt::__private::Transient>::relocate_into::<
                            <<__P as _rt::Placement>::Rest as _rt::Placement>::First,
                            _,
                        >(&(self.mask), __w),
                    )?,
                name: __walk
                    .field(
                        "name",
                        |__w| <&'a str as _rt::Module>::relocate_into::<
                            __P,
                            _,
                        >(&(self.name), __w),
                    )?,
            })
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
    #[allow(long_running_const_eval)]
    const __MESSAGE: _rt::__private::Message = _rt::__private::check::<
        { __TEXT.len() + 2 },
    >(
        "Split",
        "net.manifest",
        __TEXT,
        &<Split<'static, _rt::Meta, _rt::Meta> as _rt::Module>::KEYS,
    );
    const _: () = <_rt::__private::Message>::report(&__MESSAGE);
};
