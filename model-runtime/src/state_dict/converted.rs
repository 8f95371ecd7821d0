//! Fields with `#[module(with = ..)]`: a load wants of the file what the file holds in their place.

use std::collections::HashSet;
use std::sync::Arc;

use candle_core::DType;

use super::StateDict;
use super::compare::Origin;
use super::kept::Memories;
use super::load::Wanted;
use super::options::{DtypeRule, LoadOptions};
use crate::checkpoint::bridge;
use crate::device::Tag;
use crate::error::{Error, Result};
use crate::hash::{FastMap, FastSet, set_of};
use crate::init::seed_of;
use crate::module::walk::With;
use crate::module::{Identity, Leaf, LeafKind, Spec, below, has_initial, initial_values, join};
use crate::with::{Signature, Tensors};

/// A field whose tensors are made of others.
pub(super) struct Converted {
    with: Arc<With>,
    leaves: Vec<Wanted>,
    /// What the field holds, by its names below it.
    field: Vec<Signature>,
    /// What the file holds.
    stored: Vec<Signature>,
}

/// What is wanted of the file: the leaves themselves, and in place of those under a field with a converter, what the file
/// holds for them.
///
/// # Errors
///
/// A field that cannot be converted.
pub(super) fn in_file(
    wanted: Vec<Wanted>,
    state: &StateDict,
    options: &LoadOptions,
) -> Result<(Vec<Wanted>, Vec<Converted>)> {
    let (mut in_file, mut converted) = (Vec::new(), Vec::new());
    let tied = tied(&wanted);
    let mut wanted = wanted.into_iter().peekable();
    while let Some(leaf) = wanted.next() {
        // What is not saved, no file holds in any form.
        let Some(with) = leaf.with.clone().filter(|_| leaf.persistent) else {
            in_file.push(leaf);
            continue;
        };
        let mut leaves = vec![leaf];
        let is_same = |next: &Wanted| next.with.as_ref().is_some_and(|other| Arc::ptr_eq(other, &with));
        while let Some(leaf) = wanted.next_if(is_same) {
            if leaf.persistent { leaves.push(leaf) } else { in_file.push(leaf) }
        }
        let field = Converted::new(with, leaves)?;
        if field.keeps_initial_values(state) {
            in_file.extend(field.leaves);
        } else {
            in_file.extend(field.wanted(state, &tied, options)?);
            converted.push(field);
        }
    }
    Ok((in_file, converted))
}

/// The leaves that the model has in several places.
fn tied(wanted: &[Wanted]) -> FastSet<Identity> {
    let mut seen = set_of(wanted.len());
    wanted.iter().map(|leaf| leaf.leaf.identity()).filter(|identity| !seen.insert(*identity)).collect()
}

impl Converted {
    fn new(with: Arc<With>, leaves: Vec<Wanted>) -> Result<Self> {
        let field: Vec<_> = leaves.iter().map(|leaf| signature(with.key(), &leaf.key, &leaf.leaf)).collect();
        let stored = stored(&with, &field)?;
        let field = Self { with, leaves, field, stored };
        if let Some(reason) = field.leaves.iter().find_map(|leaf| leaf.invalid.clone()) {
            return Err(field.impossible(reason));
        }
        let devices = field.leaves.iter().map(|leaf| leaf.to.device()).collect::<Result<HashSet<_>, _>>()?;
        if devices.len() > 1 {
            return Err(field.impossible("`with` is for a field on one device: write it on its parts".to_owned()));
        }
        Ok(field)
    }

    fn impossible(&self, reason: String) -> Error {
        Error::Declaration { key: self.with.key().to_owned(), reason }
    }

    /// Whether it is `#[module(default)]`, and the file has nothing of it.
    fn keeps_initial_values(&self, state: &StateDict) -> bool {
        self.is_default() && !self.stored.iter().any(|tensor| self.is_there(tensor, state))
    }

    fn is_default(&self) -> bool {
        self.leaves.iter().all(|leaf| leaf.default && has_initial(&leaf.leaf))
    }

    /// Whether the file has not all that it should have of it.
    fn lacks_some(&self, state: &StateDict) -> bool {
        !self.stored.iter().all(|tensor| self.is_there(tensor, state))
    }

    fn is_there(&self, tensor: &Signature, state: &StateDict) -> bool {
        let mut keys = self.with.prefixes.iter().map(|prefix| join(prefix, &tensor.name));
        keys.any(|key| state.entries.contains_key(&key) || state.unreadable.contains_key(&key))
    }

    /// The data that the field has, or else its initial values, as the file would hold them.
    fn initial(&self, options: &LoadOptions) -> Result<Tensors> {
        let seed = options.seed.unwrap_or_else(rand::random);
        let tensors = self.field.iter().zip(&self.leaves).map(|(tensor, Wanted { key, leaf, .. })| {
            let own = leaf.tensor().map(candle_core::Tensor::detach);
            let own = own.map_or_else(|| initial_values(key, leaf, seed_of(seed, key)), Ok)?;
            Ok((tensor.name.clone(), own))
        });
        save(&self.with, &tensors.collect::<Result<_>>()?)
    }

    /// The keys of what the file holds.
    fn keys(&self) -> impl Iterator<Item = String> {
        self.stored.iter().map(|tensor| join(self.with.key(), &tensor.name))
    }

    /// What is wanted of the file.
    fn wanted(&self, state: &StateDict, tied: &FastSet<Identity>, options: &LoadOptions) -> Result<Vec<Wanted>> {
        if let Some(leaf) = self.leaves.iter().find(|leaf| tied.contains(&leaf.leaf.identity())) {
            return Err(is_tied(&leaf.key));
        }
        let default = self.is_default() && (self.lacks_some(state) || !options.filter.is_empty());
        let own = if default { Some(self.initial(options)?) } else { self.stand_in(options)? };
        let to = self.leaves.first().map_or(Tag::Meta, |leaf| leaf.to);
        let mut wanted = Vec::new();
        for tensor in &self.stored {
            let same = self.field.iter().position(|field| field == tensor);
            let same = same.and_then(|index| self.leaves.get(index));
            let own = own.as_ref().and_then(|own| own.get(&tensor.name));
            let mut keys = self.with.prefixes.iter().map(|prefix| join(prefix, &tensor.name));
            wanted.push(Wanted {
                key: keys.next().unwrap_or_default(),
                aliases: keys.collect(),
                leaf: match (same, own) {
                    (Some(same), Some(own)) => same.leaf.with_tensor(own.clone()),
                    (Some(same), None) => same.leaf.without_data(),
                    (None, Some(own)) => Leaf::loaded(LeafKind::Parameter, own.clone()),
                    (None, None) => Leaf::declared(LeafKind::Parameter, spec(tensor)),
                },
                persistent: true,
                default,
                tied: None,
                with: None,
                invalid: None,
                to,
            });
        }
        Ok(wanted)
    }

    /// Where the file may lack something, the field's own data, in the file's form.
    fn stand_in(&self, options: &LoadOptions) -> Result<Option<Tensors>> {
        let may_lack = !options.strict
            || !options.filter.is_empty()
            || self.leaves.iter().any(|leaf| leaf.leaf.spec().since_version.is_some());
        if may_lack { self.saved() } else { Ok(None) }
    }

    /// The data that the field has, as the file would hold it.
    fn saved(&self) -> Result<Option<Tensors>> {
        let tensors = self.field.iter().zip(&self.leaves);
        let tensors = tensors.map(|(tensor, leaf)| Some((tensor.name.clone(), leaf.leaf.tensor()?.detach())));
        tensors.collect::<Option<Tensors>>().map(|tensors| save(&self.with, &tensors)).transpose()
    }

    /// Puts the field's tensors in the place of those of the file, by their keys.
    pub(super) fn load(self, tensors: &mut FastMap<String, candle_core::Tensor>, options: &LoadOptions) -> Result<()> {
        if self.leaves.iter().any(|leaf| matches!(leaf.to, Tag::Meta)) {
            return Ok(());
        }
        let prefix = self.with.key();
        let of_file = self
            .stored
            .iter()
            .filter_map(|tensor| Some((tensor.name.clone(), tensors.remove(&join(prefix, &tensor.name))?)));
        let (of_file, mut memories) = Memories::of(of_file);
        let mut loaded = (self.with.convert.load)(&self.field, &of_file).map_err(|error| error.at(prefix))?;
        memories.count(loaded.values());
        for (expected, leaf) in self.field.iter().zip(&self.leaves) {
            let Some(tensor) = loaded.shift_remove(&expected.name) else {
                return Err(self.impossible(format!("`load` of its converter made no `{}`", expected.name)));
            };
            let made = tensor.id();
            let tensor = in_dtype(expected, tensor, options)?;
            check(&leaf.key, expected, &tensor, options)?;
            let is_converted = tensor.id() != made;
            let tensor = if is_converted { tensor.detach() } else { memories.own(&tensor, &leaf.leaf)? };
            tensors.insert(leaf.key.clone(), tensor);
        }
        match loaded.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(self.impossible(format!("`load` of its converter made `{name}`, which it does not have")))
            }
        }
    }
}

/// Lets what converters get be read in single precision, where the load is to half precision: they compute with it, and
/// what they make is converted after. One that only moves elements gets them in the dtype that they stay in.
pub(super) fn widen(origins: &mut [Origin<'_>], wanted: &[Wanted], converted: &[Converted]) {
    let computing = converted.iter().filter(|field| !field.with.convert.only_moves());
    let keys: HashSet<_> = computing.flat_map(Converted::keys).collect();
    for (origin, leaf) in origins.iter_mut().zip(wanted).filter(|(_, leaf)| keys.contains(&leaf.key)) {
        let (got, dtype) = match origin {
            Origin::Entry(entry, dtype) => (bridge::dtype(entry.dtype()).unwrap_or(*dtype), dtype),
            Origin::Own(dtype) => (leaf.leaf.dtype(), dtype),
            Origin::Tied(..) | Origin::Nowhere => continue,
        };
        if got.is_float() && dtype.is_float() && got.size_in_bytes().min(4) > dtype.size_in_bytes() {
            *dtype = DType::F32;
        }
    }
}

/// What a converter made, in the dtype that the load gives it.
fn in_dtype(expected: &Signature, tensor: candle_core::Tensor, options: &LoadOptions) -> Result<candle_core::Tensor> {
    let dtype = target(expected, options).filter(|dtype| dtype.is_float() && tensor.dtype().is_float());
    Ok(dtype.map_or_else(|| Ok(tensor.clone()), |dtype| tensor.to_dtype(dtype))?)
}

/// The dtype that a load gives a tensor of a field; `None` if that is the file's.
fn target(expected: &Signature, options: &LoadOptions) -> Option<DType> {
    match options.dtype {
        DtypeRule::Kept => None,
        DtypeRule::Floats(dtype) if expected.dtype.is_float() => Some(dtype),
        DtypeRule::Declared | DtypeRule::Floats(_) => Some(expected.dtype),
    }
}

/// The one check that a converter made what the field holds.
fn check(key: &str, expected: &Signature, tensor: &candle_core::Tensor, options: &LoadOptions) -> Result<()> {
    let what = "what `load` of the field's converter made";
    if expected.shape != tensor.dims() {
        let reason = format!("{what}, expected: shape {:?}, got: {:?}", expected.shape, tensor.dims());
        return Err(Error::Declaration { key: key.to_owned(), reason });
    }
    if let Some(dtype) = target(expected, options).filter(|dtype| *dtype != tensor.dtype()) {
        let (expected, got) = (dtype.as_str(), tensor.dtype().as_str());
        let reason = format!("{what}, expected: dtype {expected}, got: {got}");
        return Err(Error::Declaration { key: key.to_owned(), reason });
    }
    Ok(())
}

/// The error of a tensor under a field with a converter that the model has elsewhere too.
pub(super) fn is_tied(key: &str) -> Error {
    let reason = "the file has it in another form (`with`), so it cannot be tied to another tensor".to_owned();
    Error::Declaration { key: key.to_owned(), reason }
}

/// What the file holds for a field.
pub(super) fn stored(with: &With, field: &[Signature]) -> Result<Vec<Signature>> {
    let impossible = |reason| Error::Declaration { key: with.key().to_owned(), reason };
    let stored = (with.convert.stored)(field).map_err(|error| impossible(error.to_string()))?;
    let mut names = HashSet::new();
    match stored.iter().find(|tensor| !names.insert(&tensor.name)) {
        None => Ok(stored),
        Some(twice) => Err(impossible(format!("`stored` of its converter has `{}` twice", twice.name))),
    }
}

/// The file's tensors for those of a field.
pub(super) fn save(with: &With, field: &Tensors) -> Result<Tensors> {
    (with.convert.save)(field).map_err(|error| error.at(with.key()))
}

/// A leaf as a converter of the field at `prefix` sees it.
pub(super) fn signature(prefix: &str, key: &str, leaf: &Leaf) -> Signature {
    let name = below(key, prefix).unwrap_or(key).to_owned();
    Signature { name, shape: leaf.shape().dims().to_vec(), dtype: leaf.dtype() }
}

fn spec(tensor: &Signature) -> Spec {
    Spec::new(tensor.shape.clone(), crate::init::ZERO).dtype(tensor.dtype)
}
