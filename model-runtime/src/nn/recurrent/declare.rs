//! The struct of a recurrent layer, and its methods named like PyTorch's arguments.

/// A recurrent layer `$name`, with the fields that only it has.
macro_rules! recurrent {
    ($(#[$meta:meta])* $name:ident { $($(#[$extra_meta:meta])* $extra:ident: $extra_type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Module, Clone, Debug)]
        pub struct $name<D: Device> {
            /// The parameters, by layer and direction. Their names have no prefix.
            #[module(flatten)]
            pub weights: RecurrentWeights<D>,
            /// The features of the input.
            pub input_size: usize,
            /// The features of the hidden state.
            pub hidden_size: usize,
            /// The layers, one after the other.
            pub num_layers: usize,
            /// Whether it has `bias_ih` and `bias_hh`.
            pub bias: bool,
            /// Whether input and output are `(N, L, features)` and not `(L, N, features)`. The states are not.
            pub batch_first: bool,
            /// The probability of a zero between two layers, in training.
            pub dropout: f64,
            /// Whether each layer runs in both directions; the outputs are one after the other.
            pub bidirectional: bool,
            $($(#[$extra_meta])* pub $extra: $extra_type,)*
            /// Whether it is in training.
            pub mode: Mode,
        }

        impl $name<Meta> {
            /// Declares the layer: one layer in one direction, with biases, without dropout, `batch_first(false)`.
            pub fn new(input_size: usize, hidden_size: usize) -> Self {
                let config = Config {
                    layer: stringify!($name),
                    cell: Self::cell($(<$extra_type>::default() as $extra_type),*),
                    input_size,
                    hidden_size,
                    num_layers: 1,
                    bias: true,
                    batch_first: false,
                    dropout: 0.0,
                    bidirectional: false,
                };
                Self {
                    weights: config.declare(),
                    input_size,
                    hidden_size,
                    num_layers: 1,
                    bias: true,
                    batch_first: false,
                    dropout: 0.0,
                    bidirectional: false,
                    $($extra: <$extra_type>::default(),)*
                    mode: Mode::default(),
                }
            }

            /// The layers, one after the other. PyTorch's default is 1.
            #[must_use]
            pub fn num_layers(self, num_layers: usize) -> Self {
                Self { num_layers, ..self }.declare()
            }

            /// Whether it has `bias_ih` and `bias_hh`. PyTorch's default is `true`.
            #[must_use]
            pub fn bias(self, bias: bool) -> Self {
                Self { bias, ..self }.declare()
            }

            /// Whether input and output are `(N, L, features)`. PyTorch's default is `false`: `(L, N, features)`.
            #[must_use]
            pub fn batch_first(self, batch_first: bool) -> Self {
                Self { batch_first, ..self }
            }

            /// The probability of a zero between two layers, in training. PyTorch's default is 0.
            #[must_use]
            pub fn dropout(self, dropout: f64) -> Self {
                Self { dropout, ..self }.declare()
            }

            /// Whether each layer runs in both directions. PyTorch's default is `false`.
            #[must_use]
            pub fn bidirectional(self, bidirectional: bool) -> Self {
                Self { bidirectional, ..self }.declare()
            }

            fn declare(self) -> Self {
                Self { weights: self.config().declare(), ..self }
            }
        }

        impl<D: Device> $name<D> {
            fn config(&self) -> Config {
                Config {
                    layer: stringify!($name),
                    cell: Self::cell($(self.$extra),*),
                    input_size: self.input_size,
                    hidden_size: self.hidden_size,
                    num_layers: self.num_layers,
                    bias: self.bias,
                    batch_first: self.batch_first,
                    dropout: self.dropout,
                    bidirectional: self.bidirectional,
                }
            }
        }
    };
}

/// The calls of a layer whose state is one tensor.
macro_rules! one_state {
    ($name:ident) => {
        /// From a state of zeros.
        ///
        /// # Errors
        ///
        /// A declaration that PyTorch refuses; an input of another shape than `(L, N, input_size)` and `(L, input_size)`
        /// (with `batch_first` `(N, L, input_size)`), of length 0, or of another dtype than the weights.
        #[diagnostic::do_not_recommend]
        impl<D: Compute> Forward<&Tensor<D>> for $name<D> {
            type Output = (Tensor<D>, Tensor<D>);

            fn forward(&self, x: &Tensor<D>) -> Result<Self::Output> {
                let training = self.mode.is_training();
                let (output, mut states) = self.config().forward(&self.weights, x, &[], training)?;
                Ok((output, states.swap_remove(0)))
            }
        }

        /// From the state `h_0`.
        ///
        /// # Errors
        ///
        /// As without a state; and `h_0` is not `(num_layers · directions, N, hidden_size)`.
        #[diagnostic::do_not_recommend]
        impl<D: Compute> Forward<(&Tensor<D>, &Tensor<D>)> for $name<D> {
            type Output = (Tensor<D>, Tensor<D>);

            fn forward(&self, (x, h_0): (&Tensor<D>, &Tensor<D>)) -> Result<Self::Output> {
                let training = self.mode.is_training();
                let (output, mut states) = self.config().forward(&self.weights, x, &[h_0], training)?;
                Ok((output, states.swap_remove(0)))
            }
        }
    };
}

pub(crate) use one_state;
pub(crate) use recurrent;
