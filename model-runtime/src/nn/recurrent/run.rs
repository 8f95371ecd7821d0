//! The run of a recurrent layer over a sequence.

use candle_core::{Tensor as Candle, bail};

use super::super::dropout::dropout;
use super::Config;
use super::cell::{Cell, Weights, linear};

/// A sequence as `(T, N, features)`, and how it was given.
pub(super) struct Sequence {
    pub(super) steps: Candle,
    pub(super) is_batch: bool,
    pub(super) batch_first: bool,
}

impl Sequence {
    /// All layers, one after the other: the output of the last, and the last states of each.
    pub(super) fn run(
        self,
        config: &Config,
        weights: &[Weights<'_>],
        initial: &[&Candle],
        p: f64,
    ) -> candle_core::Result<(Candle, Vec<Candle>)> {
        let initial = self.initial(config, initial)?;
        if self.steps.dim(1)? == 0 {
            return self.of_no_batch(config, initial);
        }
        let directions = config.directions();
        let mut x = self.steps.clone();
        let mut last: Vec<Vec<Candle>> = initial.iter().map(|_| Vec::new()).collect();
        for (layer, weights) in weights.chunks(directions).enumerate() {
            if layer > 0 {
                x = dropout(&x, p, p > 0.0)?;
            }
            let mut outputs = Vec::with_capacity(directions);
            for (direction, weights) in weights.iter().enumerate() {
                let index = layer * directions + direction;
                let states = initial.iter().map(|state| state.get(index)).collect::<candle_core::Result<_>>()?;
                let (output, states) = steps(config.cell, &x, states, weights, direction == 1)?;
                outputs.push(output);
                last.iter_mut().zip(states).for_each(|(last, state)| last.push(state));
            }
            x = Candle::cat(&outputs, 2)?;
        }
        let states = last.iter().map(|states| self.state(&Candle::stack(states, 0)?));
        Ok((self.output(&x)?, states.collect::<candle_core::Result<_>>()?))
    }

    /// What a batch of none becomes: nothing, in the shapes of the result. candle does not concatenate nothing.
    fn of_no_batch(&self, config: &Config, initial: Vec<Candle>) -> candle_core::Result<(Candle, Vec<Candle>)> {
        let shape = (self.steps.dim(0)?, 0, config.directions() * config.state_size());
        let output = Candle::zeros(shape, self.steps.dtype(), self.steps.device())?;
        Ok((self.output(&output)?, initial))
    }

    /// The states to start from, each `(layers · directions, N, size)`.
    fn initial(&self, config: &Config, given: &[&Candle]) -> candle_core::Result<Vec<Candle>> {
        let (batch, count) = (self.steps.dim(1)?, config.num_layers * config.directions());
        let sizes = match config.cell {
            Cell::Lstm { .. } => vec![("h_0", config.state_size()), ("c_0", config.hidden_size)],
            Cell::Gru | Cell::Rnn(_) => vec![("h_0", config.state_size())],
        };
        if given.is_empty() {
            let zeros = |(_, size)| Candle::zeros((count, batch, size), self.steps.dtype(), self.steps.device());
            return sizes.into_iter().map(zeros).collect();
        }
        let check = |((name, size), state): ((&str, usize), &&Candle)| {
            let expected = if self.is_batch { vec![count, batch, size] } else { vec![count, size] };
            if state.dims() != expected {
                bail!("{}: shape of {name}, expected: {expected:?}, got: {:?}", config.layer, state.dims())
            }
            state.reshape((count, batch, size))
        };
        sizes.into_iter().zip(given).map(check).collect()
    }

    fn output(&self, x: &Candle) -> candle_core::Result<Candle> {
        match (self.is_batch, self.batch_first) {
            (false, _) => x.squeeze(1),
            (true, true) => x.transpose(0, 1)?.contiguous(),
            (true, false) => Ok(x.clone()),
        }
    }

    fn state(&self, state: &Candle) -> candle_core::Result<Candle> {
        if self.is_batch { Ok(state.clone()) } else { state.squeeze(1) }
    }
}

/// One layer in one direction: the output of each step, and the states after the last.
fn steps(
    cell: Cell,
    x: &Candle,
    mut states: Vec<Candle>,
    weights: &Weights<'_>,
    reverse: bool,
) -> candle_core::Result<(Candle, Vec<Candle>)> {
    let (len, batch, features) = x.dims3()?;
    // The input's part of all steps is one matrix product.
    let gates = linear(&x.reshape((len * batch, features))?, weights.ih, weights.bias_ih)?;
    let gates = gates.reshape((len, batch, weights.ih.dim(0)?))?;
    let mut outputs = Vec::with_capacity(len);
    for step in 0..len {
        let step = if reverse { len - 1 - step } else { step };
        states = cell.step(&gates.get(step)?, &states, weights)?;
        outputs.push(states[0].clone());
    }
    if reverse {
        outputs.reverse();
    }
    Ok((Candle::stack(&outputs, 0)?, states))
}
