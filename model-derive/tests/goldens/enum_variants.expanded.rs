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
                                names: &[],
                                keys: <<LayerNorm<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                        ],
                    ),
                ),
                (
                    "Affine",
                    _rt::__private::Keys::Parts(
                        &[
                            _rt::__private::Part {
                                names: &["0"],
                                keys: <<Param<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                            _rt::__private::Part {
                                names: &["1"],
                                keys: <<Param<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                        ],
                    ),
                ),
                (
                    "Scaled",
                    _rt::__private::Keys::Parts(
                        &[
                            _rt::__private::Part {
                                names: &["gamma"],
                                keys: <<Param<
                                    D,
                                > as _rt::Module>::On<_rt::Meta> as _rt::Module>::KEYS,
                            },
                        ],
                    ),
                ),
                ("None", _rt::__private::Keys::Parts(&[])),
            ],
        );
        fn walk<'__a>(&'__a self, __walk: &mut _rt::__private::Walk<'__a, '_>) {
            match self {
                Norm::Layer { 0: __field0 } => {
                    <LayerNorm<D> as _rt::Module>::walk(&(*__field0), __walk);
                }
                Norm::Affine { 0: __field0, 1: __field1 } => {
                    <Param<D> as _rt::Module>::walk_field(&(*__field0), "0", __walk);
                    <Param<D> as _rt::Module>::walk_field(&(*__field1), "1", __walk);
                }
                Norm::Scaled { weight: __field0, scale: __field1 } => {
                    <Param<D> as _rt::Module>::walk_field(&(*__field0), "gamma", __walk);
                }
                Norm::None {} => {}
            }
        }
        fn walk_mut(
            &mut self,
            __walk: &mut _rt::__private::WalkMut<'_>,
        ) -> _rt::Result<()> {
            match self {
                Norm::Layer { 0: __field0 } => {
                    <LayerNorm<D> as _rt::Module>::walk_mut(&mut (*__field0), __walk)?;
                }
                Norm::Affine { 0: __field0, 1: __field1 } => {
                    <Param<
                        D,
                    > as _rt::Module>::walk_mut_field(&mut (*__field0), "0", __walk)?;
                    <Param<
                        D,
                    > as _rt::Module>::walk_mut_field(&mut (*__field1), "1", __walk)?;
                }
                Norm::Scaled { weight: __field0, scale: __field1 } => {
                    <Param<
                        D,
                    > as _rt::Module>::walk_mut_field(
                        &mut (*__field0),
                        "gamma",
                        __walk,
                    )?;
                }
                Norm::None {} => {}
            }
            _rt::__private::Ok(())
        }
        fn relocate<__P: _rt::Placement>(
            &self,
            __walk: &mut _rt::__private::Relocate<'_>,
        ) -> <Self as _rt::Module>::On<__P> {
            match self {
                Norm::Layer { 0: __field0 } => {
                    Norm::Layer {
                        0: <LayerNorm<
                            D,
                        > as _rt::Module>::relocate_into::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field0), __walk),
                    }
                }
                Norm::Affine { 0: __field0, 1: __field1 } => {
                    Norm::Affine {
                        0: <Param<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field0), "0", __walk),
                        1: <Param<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field1), "1", __walk),
                    }
                }
                Norm::Scaled { weight: __field0, scale: __field1 } => {
                    Norm::Scaled {
                        weight: <Param<
                            D,
                        > as _rt::Module>::relocate_into_field::<
                            <__P as _rt::Placement>::First,
                            _,
                        >(&(*__field0), "gamma", __walk),
                        scale: <Scale as _rt::__private::Clone>::clone(&(*__field1)),
                    }
                }
                Norm::None {} => Norm::None {},
            }
        }
    }
    #[automatically_derived]
    impl<D: Device> _rt::__private::HasData for Norm<D>
    where
        D: _rt::Compute,
    {}
};
