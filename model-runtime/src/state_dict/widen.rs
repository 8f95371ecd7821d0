//! [`StateDict::widen`]: entries of types that candle lacks, with wider elements.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::DType;

use super::entry::Data;
use super::{Entry, StateDict};
use crate::checkpoint::widen::{storage, tensor, widening};
use crate::checkpoint::{ScalarType, Storage, TensorInfo};
use crate::error::{Error, Result};

/// The storages that were widened, by identity and by the type that their elements are read as.
type Storages = HashMap<(usize, ScalarType), Arc<Storage>>;

impl StateDict {
    /// The same entries, those of a dtype that candle lacks with the next one that holds all of its values: `int8` as
    /// `int16`, `uint16` as `uint32`, and `float8_e5m2`, `float8_e4m3fnuz`, `float8_e5m2fnuz` and `float8_e8m0fnu` as
    /// `float32`. Views of one storage stay views of one storage, and nothing is read before it is asked for.
    ///
    /// `uint64` and complex numbers have no such dtype, and stay what they are. For the load of a model there is
    /// [`LoadOptions::widen`](super::LoadOptions::widen).
    ///
    /// Corresponds to `{key: tensor.to(wide) for ..}`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let header = br#"{"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}"#;
    /// let file = [&54u64.to_le_bytes()[..], header, b" ", &[7, 0xff]].concat();
    /// let state = Checkpoint::from_bytes(file)?.state_dict()?;
    /// assert!(state.get("w").expect("an entry").read().is_err());
    /// let wide = state.widen()?;
    /// assert_eq!(wide.get("w").expect("an entry").read()?.to_vec1::<i16>()?, [7, -1]);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A tensor whose sizes overflow with the wider elements.
    pub fn widen(&self) -> Result<Self> {
        let mut widened = self.clone();
        let mut storages = Storages::new();
        for entry in widened.entries.values_mut() {
            entry.widen(&mut storages).map_err(|error| error.at(entry.key()))?;
        }
        Ok(widened)
    }
}

impl Entry {
    fn widen(&mut self, storages: &mut Storages) -> Result<()> {
        let from = self.dtype();
        let Some(to) = widening(from) else { return Ok(()) };
        let wide = match self.data() {
            Data::File(narrow) => Data::File(Arc::new(wide(narrow, to, storages)?)),
            Data::Described(_, shape) => Data::Described(to, shape.clone()),
            // What is in memory has a dtype of candle's.
            Data::Memory(..) => return Ok(()),
        };
        self.set_wide(wide, from);
        Ok(())
    }

    /// Whether a wider dtype than the entry's holds all values that the file can have in it.
    pub(super) fn fits_in(&self, dtype: DType) -> bool {
        match self.stored_as() {
            ScalarType::Int8 => matches!(dtype, DType::I16 | DType::I32 | DType::I64),
            ScalarType::UInt16 => matches!(dtype, DType::U32 | DType::I32 | DType::I64),
            _ => false,
        }
    }
}

fn wide(narrow: &TensorInfo, to: ScalarType, storages: &mut Storages) -> Result<TensorInfo> {
    let from = narrow.dtype();
    let place = (narrow.storage().identity(), from);
    let storage = storages.entry(place).or_insert_with(|| storage(narrow.storage(), from, to));
    tensor(narrow, Arc::clone(storage), to).map_err(Error::from)
}
