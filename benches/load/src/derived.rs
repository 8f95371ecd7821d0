//! The derived structs that the files are loaded into.

use model_runtime::prelude::*;
use model_runtime::{Checkpoint, LoadOptions, StateDict, init};

use crate::Result;
use crate::file::{File, Layout};
use crate::gpt2::Gpt2;

/// The model of a file of tensors of one shape: the keys are `tensors.0`, `tensors.1`, ...
#[derive(Module, Debug)]
pub struct Uniform<D: Device> {
    tensors: Vec<Param<D>>,
}

/// The model of a file.
#[derive(Debug)]
pub enum Derived<D: Device> {
    Gpt2(Gpt2<D>),
    Uniform(Uniform<D>),
}

impl Derived<Meta> {
    /// The model of `file`, declared.
    pub fn new(file: &File) -> Self {
        match file.layout {
            Layout::Gpt2(_) => Self::Gpt2(Gpt2::new()),
            Layout::Uniform { count, shape } => {
                Self::Uniform(Uniform { tensors: (0..count).map(|_| Param::new(&shape[..], init::ZERO)).collect() })
            }
        }
    }

    /// The model with the tensors of a checkpoint, in the dtypes that it has there.
    pub fn load(&self, checkpoint: &Checkpoint) -> Result<Derived<Cpu>> {
        let (state, options) = (checkpoint.state_dict()?, LoadOptions::new().keep_dtype());
        Ok(match self {
            Self::Gpt2(model) => Derived::Gpt2(model.load_state_dict_with(&state, Cpu, &options)?.0),
            Self::Uniform(model) => Derived::Uniform(model.load_state_dict_with(&state, Cpu, &options)?.0),
        })
    }

    /// The model with random numbers.
    pub fn init(self) -> Result<Derived<Cpu>> {
        Ok(match self {
            Self::Gpt2(model) => Derived::Gpt2(model.init_seeded(Cpu, 0)?),
            Self::Uniform(model) => Derived::Uniform(model.init_seeded(Cpu, 0)?),
        })
    }
}

impl Derived<Cpu> {
    /// Its tensors, under the keys and in the layouts of the file.
    pub fn state_dict(&self) -> Result<StateDict> {
        let state = match self {
            Self::Gpt2(model) => model.state_dict()?,
            Self::Uniform(model) => model.state_dict()?,
        };
        // The head is the embedding, which the files have once.
        Ok(state.filter(|key| key != "lm_head.weight"))
    }
}
