const _: () = {
    use ::model_runtime as _rt;
    #[automatically_derived]
    impl<D: Device> _rt::Module for Norm<D> {
        type On<__P: _rt::Placement> = Norm<<__P as _rt::Placement>::First>;
        type After<__P: _rt::Placement> = <__P as _rt::Placement>::Rest;
        const KEYS: _rt::__private::Keys = _rt::__private::Keys::OneOf(
            &[
                (
                    "Layer",
                    _rt::__private::Keys::Parts(
                        &[
                            _rt::__private::Part {
                                names: &["LayerNorm"],
                                keys: <<LayerNorm<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                        ],
                    ),
                ),
                (
                    "Both",
                    _rt::__private::Keys::Parts(
                        &[
                            _rt::__private::Part {
                                names: &["0"],
                                keys: <<LayerNorm<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                            _rt::__private::Part {
                                names: &["1"],
                                keys: <<LayerNorm<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                        ],
                    ),
                ),
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            match self {
                Norm::Layer { layer_norm: __field0 } => {
                    <LayerNorm<
                        D,
                    > as _rt::Module>::walk_field(&(*__field0), "LayerNorm", __walk);
                }
                Norm::Both { 0: __field0, 1: __field1 } => {
                    <LayerNorm<D> as _rt::Module>::walk_field(&(*__field0), "0", __walk);
                    <LayerNorm<D> as _rt::Module>::walk_field(&(*__field1), "1", __walk);
                }
            }
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            match self {
                Norm::Layer { layer_norm: __field0 } => {
                    <LayerNorm<
                        D,
                    > as _rt::Module>::walk_mut_field(
                        &mut (*__field0),
                        "LayerNorm",
                        __walk,
                    )?;
                }
                Norm::Both { 0: __field0, 1: __field1 } => {
                    <LayerNorm<
                        D,
                    > as _rt::Module>::walk_mut_field(&mut (*__field0), "0", __walk)?;
                    <LayerNorm<
                        D,
                    > as _rt::Module>::walk_mut_field(&mut (*__field1), "1", __walk)?;
                }
            }
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            match self {
                Norm::Layer { layer_norm: __field0 } => {
                    Norm::Layer {
                        layer_norm: <LayerNorm<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field0), "LayerNorm", __walk),
                    }
                }
                Norm::Both { 0: __field0, 1: __field1 } => {
                    Norm::Both {
                        0: <LayerNorm<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field0), "0", __walk),
                        1: <LayerNorm<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field1), "1", __walk),
                    }
                }
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Norm<D>
    where
        D: _rt::Compute,
    {}
};
