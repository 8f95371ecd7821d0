//! Where the header and the tensors of a new safetensors file go.
//!
//! A file is the header's length (u64, little-endian), the header (JSON, padded with spaces), and the data. The header
//! keeps the order of the names; the data lies in descending order of element size, so that every tensor is aligned.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::checkpoint::{CheckpointError, ScalarType};

/// The data starts at a multiple of this, as `safetensors` itself lays it out.
const ALIGNMENT: usize = 8;

/// A tensor to write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewTensor<'a> {
    pub(crate) key: &'a str,
    pub(crate) dtype: ScalarType,
    pub(crate) shape: &'a [usize],
}

/// What a new file consists of.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The length and the header.
    pub(crate) head: Vec<u8>,
    /// The indices of the records in the order of their data, with the bytes of each.
    pub(crate) data: Vec<(usize, usize)>,
}

impl Layout {
    /// Lays out a file with these tensors and this metadata.
    ///
    /// # Errors
    ///
    /// A dtype that the format lacks.
    pub(crate) fn new(records: &[NewTensor<'_>], metadata: &[(String, String)]) -> Result<Self, CheckpointError> {
        let mut order: Vec<usize> = (0..records.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(records.get(*index).map(|record| record.dtype.itemsize())));

        let mut offsets = vec![(0, 0); records.len()];
        let mut data = Vec::with_capacity(records.len());
        let mut end = 0;
        for index in order {
            let (Some(record), Some(offset)) = (records.get(index), offsets.get_mut(index)) else { continue };
            let nbytes = record.shape.iter().product::<usize>() * record.dtype.itemsize();
            *offset = (end, end + nbytes);
            end += nbytes;
            data.push((index, nbytes));
        }
        Ok(Self { head: head(records, &offsets, metadata)?, data })
    }
}

fn head(
    records: &[NewTensor<'_>],
    offsets: &[(usize, usize)],
    metadata: &[(String, String)],
) -> Result<Vec<u8>, CheckpointError> {
    let mut header: IndexMap<&str, Value> = IndexMap::with_capacity(records.len() + 1);
    let metadata = metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    header.insert("__metadata__", Value::Object(metadata.collect()));
    for (record, (start, end)) in records.iter().zip(offsets) {
        let dtype = record.dtype.safetensors_name().ok_or_else(|| {
            CheckpointError::unsupported(format_args!("safetensors has no dtype for `{}`", record.dtype)).at(record.key)
        })?;
        let entry = json!({ "dtype": dtype, "shape": record.shape, "data_offsets": [start, end] });
        header.insert(record.key, entry);
    }
    let unwritable = |error| CheckpointError::unsupported(format_args!("the header cannot be written: {error}"));
    let mut json = serde_json::to_vec(&header).map_err(unwritable)?;
    json.resize(json.len().next_multiple_of(ALIGNMENT), b' ');
    let length = u64::try_from(json.len()).map_err(|_| CheckpointError::unsupported("the header is too long"))?;
    Ok([length.to_le_bytes().as_slice(), &json].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_keeps_the_order_and_the_data_is_aligned() {
        let records = [
            NewTensor { key: "mask", dtype: ScalarType::Bool, shape: &[3] },
            NewTensor { key: "weight", dtype: ScalarType::Float32, shape: &[2, 2] },
            NewTensor { key: "count", dtype: ScalarType::Int64, shape: &[] },
        ];
        let file = Layout::new(&records, &[("format".into(), "pt".into())]).unwrap();
        let text = std::str::from_utf8(&file.head[8..]).unwrap();
        assert_eq!(
            text.trim_end(),
            r#"{"__metadata__":{"format":"pt"},"mask":{"data_offsets":[24,27],"dtype":"BOOL","shape":[3]},"weight":{"data_offsets":[8,24],"dtype":"F32","shape":[2,2]},"count":{"data_offsets":[0,8],"dtype":"I64","shape":[]}}"#
        );
        assert_eq!(file.head.len() % 8, 0);
        assert_eq!(file.data, [(2, 8), (1, 16), (0, 3)]);
    }

    #[test]
    fn a_dtype_that_the_format_lacks_is_refused_by_name() {
        let error =
            Layout::new(&[NewTensor { key: "w", dtype: ScalarType::Complex128, shape: &[1] }], &[]).unwrap_err();
        assert!(error.to_string().contains("w: safetensors has no dtype for `complex128`"), "{error}");
    }
}
