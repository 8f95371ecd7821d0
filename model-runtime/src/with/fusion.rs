//! [`Fusion`]: the tensors of `q`, `k` and `v` as one tensor of the file.

use candle_core::Tensor;

use super::{Signature, Tensors};
use crate::error::{Error, Result, Unsupported};

/// The modules whose tensors are fused, in the file's order.
const PARTS: [&str; 3] = ["q", "k", "v"];
/// Their tensors.
const LEAVES: [&str; 2] = ["weight", "bias"];

/// How a file holds them.
pub(super) struct Fusion {
    /// The file's names for the fused weights and biases.
    pub(super) names: [&'static str; 2],
    /// Whether the file has the weights transposed: `[in, out]`.
    pub(super) is_transposed: bool,
}

impl Fusion {
    pub(super) fn stored(&self, field: &[Signature]) -> Result<Vec<Signature>> {
        let mut stored = Vec::new();
        for (leaf, name) in LEAVES.into_iter().zip(self.names) {
            let parts = PARTS.iter().filter_map(|part| field.iter().find(|tensor| is(&tensor.name, part, leaf)));
            let parts: Vec<_> = parts.collect();
            if parts.is_empty() && leaf == "bias" {
                continue;
            }
            let (Some(shape), Some(first)) = (self.fused(leaf, &parts), parts.first()) else {
                return Err(not_fused(leaf, &parts));
            };
            stored.push(Signature { name: name.to_owned(), shape, dtype: first.dtype });
        }
        stored.extend(field.iter().filter(|tensor| !is_part(&tensor.name)).cloned());
        Ok(stored)
    }

    pub(super) fn load(&self, field: &[Signature], file: &Tensors) -> Result<Tensors> {
        let others = file.iter().filter(|(name, _)| !self.names.contains(&name.as_str()));
        let mut loaded: Tensors = others.map(|(name, tensor)| (name.clone(), tensor.clone())).collect();
        for (leaf, name) in LEAVES.into_iter().zip(self.names) {
            let Some(fused) = file.get(name) else { continue };
            let mut start = 0;
            for part in PARTS {
                let Some(Signature { name, shape, .. }) = field.iter().find(|tensor| is(&tensor.name, part, leaf))
                else {
                    continue;
                };
                let size = shape.first().copied().unwrap_or(0);
                let section = fused.narrow(self.dim(leaf), start, size)?;
                loaded.insert(name.clone(), self.turned(leaf, &section)?);
                start += size;
            }
        }
        Ok(loaded)
    }

    pub(super) fn save(&self, field: &Tensors) -> Result<Tensors> {
        let mut saved = Tensors::new();
        for (leaf, name) in LEAVES.into_iter().zip(self.names) {
            let parts = PARTS.iter().filter_map(|part| field.get(&format!("{part}.{leaf}")));
            let parts = parts.map(|part| self.turned(leaf, part)).collect::<Result<Vec<_>>>()?;
            if !parts.is_empty() {
                saved.insert(name.to_owned(), Tensor::cat(&parts, self.dim(leaf))?);
            }
        }
        let others = field.iter().filter(|(name, _)| !is_part(name));
        saved.extend(others.map(|(name, tensor)| (name.clone(), tensor.clone())));
        Ok(saved)
    }

    /// The shape of the parts in one; `None` if they do not fit together.
    fn fused(&self, leaf: &str, parts: &[&Signature]) -> Option<Vec<usize>> {
        let [q, k, v] = parts else { return None };
        let (size, rest) = q.shape.split_first()?;
        let mut sizes = *size;
        for part in [k, v] {
            let (size, other) = part.shape.split_first()?;
            if other != rest || part.dtype != q.dtype {
                return None;
            }
            sizes += size;
        }
        let mut shape = vec![sizes];
        shape.extend(rest);
        match (self.dim(leaf), shape.len()) {
            (1, 2) => shape.reverse(),
            (1, _) => return None,
            _ => {}
        }
        Some(shape)
    }

    /// The dimension of the file's tensor that the parts are joined along.
    fn dim(&self, leaf: &str) -> usize {
        usize::from(self.is_transposed && leaf == "weight")
    }

    /// A part as the file has it, or the other way round.
    fn turned(&self, leaf: &str, tensor: &Tensor) -> Result<Tensor> {
        Ok(if self.dim(leaf) == 1 { tensor.t()? } else { tensor.clone() })
    }
}

/// Whether `name` is the tensor `leaf` of the module `part`.
fn is(name: &str, part: &str, leaf: &str) -> bool {
    name.split_once('.') == Some((part, leaf))
}

fn is_part(name: &str) -> bool {
    name.split_once('.').is_some_and(|(part, leaf)| PARTS.contains(&part) && LEAVES.contains(&leaf))
}

fn not_fused(leaf: &str, parts: &[&Signature]) -> Error {
    let got: Vec<_> = parts.iter().map(|part| format!("`{}` {:?}", part.name, part.shape)).collect();
    let got = if got.is_empty() { "none of them".to_owned() } else { got.join(", ") };
    let expected = format!("`q.{leaf}`, `k.{leaf}` and `v.{leaf}`, alike but for their first dimension");
    Unsupported::new("the file has these as one tensor").expected(expected).got(got).into()
}
