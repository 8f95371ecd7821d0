//! The comparison of a model with a state dict: names, shapes and dtypes, before any data is read.

use candle_core::DType;

use super::hint::{Slot, hint};
use super::load::Wanted;
use super::nearest::nearest;
use super::options::{DtypeRule, LoadOptions};
use super::report::{LoadReport, Mismatch, MissingKey, content};
use super::{Entry, StateDict};
use crate::checkpoint::bridge;
use crate::device::Tag;
use crate::hash::{FastMap, FastSet, map_of, set_of};
use crate::module::{Identity, has_initial, has_value, module_of};

/// Where the data of one of the model's leaves comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'s> {
    /// The state dict, converted to this dtype.
    Entry(&'s Entry, DType),
    /// The value that the model has, or else its initial one, converted to this dtype.
    Own(DType),
    /// The entry of a leaf that it is tied to, converted to this dtype.
    Tied(&'s Entry, DType),
    /// None: a problem that the report names.
    Nowhere,
}

/// Compares all of `wanted` with all of `state`, and finds where each leaf's data comes from.
pub(super) fn compare<'s>(
    model: &str,
    wanted: &[Wanted],
    state: &'s StateDict,
    options: &LoadOptions,
) -> (LoadReport, Vec<Origin<'s>>) {
    let sources = sources(wanted, state, options);
    let mut comparison = Comparison {
        state,
        options,
        by_key: wanted.iter().map(|leaf| (leaf.key.as_str(), leaf)).collect(),
        filled: filled(wanted, &sources, state, options),
        report: LoadReport {
            model: model.to_owned(),
            source: state.source.as_deref().map(str::to_owned),
            expected: wanted.iter().filter(|leaf| leaf.persistent).count(),
            ..LoadReport::default()
        },
    };
    let origins = wanted.iter().zip(&sources).map(|(leaf, source)| comparison.origin(leaf, *source)).collect();
    comparison.find_unexpected(wanted, &sources);
    let mut report = comparison.report;
    suggest(&mut report, wanted, state, options);
    (report, origins)
}

/// Adds to a report what would make most of it fit, and the nearest names for what that does not explain.
fn suggest(report: &mut LoadReport, wanted: &[Wanted], state: &StateDict, options: &LoadOptions) {
    let is_asked = |leaf: &&Wanted| leaf.persistent && !options.filter.leaves_out(&leaf.key);
    if !report.is_matched() {
        let aliased: FastMap<_, _> =
            report.aliased.iter().map(|(key, source)| (source.as_str(), key.clone())).collect();
        let absent: FastSet<_> = [&report.initial, &report.defaulted].into_iter().flatten().collect();
        let absent: FastSet<_> = absent.into_iter().chain(report.tied.iter().map(|(key, _)| key)).collect();
        let model = wanted.iter().filter(is_asked).map(|leaf| {
            let is_required = !absent.contains(&leaf.key);
            (leaf.key.as_str(), Slot { shape: leaf.leaf.shape().dims(), is_required })
        });
        let model = model.collect();
        let file = state.names().filter(|key| !options.filter.leaves_out(key));
        let name = |key: &str| aliased.get(key).cloned().unwrap_or_else(|| key.to_owned());
        let file = file.map(|key| (name(key), state.get(key).map(Entry::shape))).collect();
        if let Some(hint) = hint(&model, &file, !options.rules.is_empty()) {
            report.hint = Some(hint.text);
            report.explained = hint.explained;
        }
    }
    let explained = &report.explained;
    let unexpected: Vec<_> =
        report.unexpected.iter().map(String::as_str).filter(|key| !explained.contains(*key)).collect();
    let missing = report.missing.iter_mut().filter(|missing| !explained.contains(&missing.key));
    nearest(missing, &unexpected, |key| state.get(key).map(|entry| entry.shape().to_vec()));
}

/// The key that the state dict has for each leaf: the leaf's own, or the first of its older ones that no leaf is called.
fn sources<'s>(wanted: &[Wanted], state: &'s StateDict, options: &LoadOptions) -> Vec<Option<&'s str>> {
    let in_state = |key: &str| in_state(state, key).filter(|key| !options.filter.leaves_out(key));
    let mut taken: FastSet<&str> = wanted.iter().map(|leaf| leaf.key.as_str()).collect();
    let source = |leaf: &&Wanted| leaf.persistent.then(|| in_state(&leaf.key)).flatten();
    let own: Vec<_> = wanted.iter().map(|leaf| source(&leaf)).collect();
    let with_older = wanted.iter().zip(own).map(|(leaf, own)| {
        let mut older = leaf.aliases.iter().filter(|_| leaf.persistent).filter_map(|alias| in_state(alias));
        own.or_else(|| older.find(|alias| taken.insert(alias)))
    });
    with_older.collect()
}

/// The state dict's own text of a key that it has, whatever is under it.
fn in_state<'s>(state: &'s StateDict, key: &str) -> Option<&'s str> {
    let readable = state.entries.get_key_value(key).map(|(key, _)| key);
    let unreadable = || state.unreadable.get_key_value(key).map(|(key, _)| key);
    let other = || state.other.get_key_value(key).map(|(key, _)| key);
    readable.or_else(unreadable).or_else(other).map(String::as_str)
}

/// The first key of each tie that the state dict has.
fn filled<'s>(
    wanted: &[Wanted],
    sources: &[Option<&'s str>],
    state: &'s StateDict,
    options: &LoadOptions,
) -> FastMap<Identity, &'s str> {
    let mut filled = map_of(wanted.len());
    for (leaf, source) in wanted.iter().zip(sources) {
        if let Some(source) = source.filter(|source| state.entries.contains_key(*source)) {
            filled.entry(leaf.leaf.identity()).or_insert(source);
        }
    }
    // A tied tensor that is left out under one name only is found under it too.
    let is_out = |leaf: &&Wanted| leaf.persistent && options.filter.leaves_out(&leaf.key);
    let mut asked = set_of(wanted.len());
    asked.extend(wanted.iter().filter(|leaf| !is_out(leaf)).map(|leaf| leaf.leaf.identity()));
    for leaf in wanted.iter().filter(is_out).filter(|leaf| asked.contains(&leaf.leaf.identity())) {
        if let Some(source) = in_state(state, &leaf.key).filter(|source| state.entries.contains_key(*source)) {
            filled.entry(leaf.leaf.identity()).or_insert(source);
        }
    }
    filled
}

/// Why an entry is not what a leaf needs.
enum Misfit {
    Unreadable(String),
    Mismatch { expected: String, got: String },
}

struct Comparison<'s, 'o> {
    state: &'s StateDict,
    options: &'o LoadOptions,
    by_key: FastMap<&'o str, &'o Wanted>,
    /// The first key that the state dict has of each tie.
    filled: FastMap<Identity, &'s str>,
    report: LoadReport,
}

impl<'s> Comparison<'s, '_> {
    fn origin(&mut self, wanted: &Wanted, source: Option<&str>) -> Origin<'s> {
        if let Some(reason) = wanted.invalid.as_ref().or(wanted.leaf.spec().invalid.as_ref()) {
            self.report.invalid.push((wanted.key.clone(), reason.clone()));
        }
        if !wanted.persistent {
            return self.not_saved(wanted);
        }
        let Some(source) = source else { return self.absent(wanted) };
        if source != wanted.key {
            self.report.aliased.push((wanted.key.clone(), source.to_owned()));
        }
        if let Some(entry) = self.state.entries.get(source) {
            return self.fitting(wanted, entry);
        }
        if let Some(reason) = self.state.unreadable.get(source) {
            self.report.unreadable.push((wanted.key.clone(), reason.clone()));
        }
        if let Some(value) = self.state.other.get(source) {
            let (expected, got) = (format!("a tensor of shape {:?}", wanted.leaf.shape().dims()), content(value));
            self.report.mismatched.push(Mismatch { key: wanted.key.clone(), expected, got });
        }
        Origin::Nowhere
    }

    /// The entry, if it has the shape and a dtype that becomes the model's; else the report says why not.
    fn fitting(&mut self, wanted: &Wanted, entry: &'s Entry) -> Origin<'s> {
        let key = wanted.key.clone();
        match self.fit(wanted, entry) {
            Ok(dtype) => {
                let got = entry.stored_as();
                if bridge::dtype(got).map_or(true, |got| got != dtype) {
                    self.report.converted.push((key, got, dtype));
                }
                self.report.loaded += 1;
                return Origin::Entry(entry, dtype);
            }
            Err(Misfit::Unreadable(reason)) => self.report.unreadable.push((key, reason)),
            Err(Misfit::Mismatch { expected, got }) => self.report.mismatched.push(Mismatch { key, expected, got }),
        }
        Origin::Nowhere
    }

    /// The dtype that the leaf gets from the entry, if the entry fits it.
    fn fit(&self, wanted: &Wanted, entry: &Entry) -> Result<DType, Misfit> {
        let shape = wanted.leaf.shape().dims();
        // Files of PyTorch 0.3 hold scalars as tensors of one element.
        let is_old_scalar = shape.is_empty() && entry.shape() == [1];
        if shape != entry.shape() && !is_old_scalar {
            return Err(Misfit::Mismatch { expected: format!("{shape:?}"), got: format!("{:?}", entry.shape()) });
        }
        let got = bridge::dtype(entry.dtype()).map_err(|error| Misfit::Unreadable(error.to_string()))?;
        let dtype = self.dtype(wanted, got);
        if got != dtype && !(got.is_float() && dtype.is_float()) && !entry.fits_in(dtype) {
            return Err(Misfit::Mismatch { expected: dtype.as_str().to_owned(), got: entry.stored_as().to_string() });
        }
        Ok(dtype)
    }

    /// The entry of a key that the leaf is tied to. That key's own line in the report says what is wrong with it.
    fn tied(&self, wanted: &Wanted) -> Option<(&'s str, Origin<'s>)> {
        let key = *self.filled.get(&wanted.leaf.identity())?;
        let entry = self.state.get(key)?;
        Some((key, self.fit(wanted, entry).map_or(Origin::Nowhere, |dtype| Origin::Tied(entry, dtype))))
    }

    /// The dtype that the leaf gets when the state dict has `got`.
    fn dtype(&self, wanted: &Wanted, got: DType) -> DType {
        match self.options.dtype {
            DtypeRule::Kept => got,
            DtypeRule::Floats(dtype) if wanted.leaf.dtype().is_float() && got.is_float() => dtype,
            DtypeRule::Declared | DtypeRule::Floats(_) => wanted.leaf.dtype(),
        }
    }

    /// A leaf that files do not hold: what it is tied to, its own value, or one that does not depend on chance.
    fn not_saved(&mut self, wanted: &Wanted) -> Origin<'s> {
        if let Some((_, origin)) = self.tied(wanted) {
            return origin;
        }
        if !has_value(&wanted.leaf) && !matches!(wanted.to, Tag::Meta) {
            let reason = "not saved, and the declaration does not say its value: declare it `Buffer::computed`, or \
                          initialise the model before the load";
            self.report.invalid.push((wanted.key.clone(), reason.to_owned()));
        }
        self.own(wanted)
    }

    /// A leaf that the state dict lacks: tied to one that it has, added in a later version, or missing.
    fn absent(&mut self, wanted: &Wanted) -> Origin<'s> {
        if let Some((source, origin)) = self.tied(wanted) {
            if matches!(origin, Origin::Tied(..)) {
                self.report.tied.push((wanted.key.clone(), source.to_owned()));
                self.report.loaded += 1;
            }
            return origin;
        }
        if self.options.filter.leaves_out(&wanted.key) {
            return self.left_out(wanted);
        }
        if self.predates(wanted) {
            self.report.initial.push(wanted.key.clone());
            return self.own(wanted);
        }
        // A tied leaf fares as the one that it is tied to, whose own line in the report is enough.
        let target = wanted.tied.as_ref().and_then(|target| self.by_key.get(target.as_str()).copied());
        let target = target.filter(|target| target.persistent);
        if target.unwrap_or(wanted).default && has_initial(&wanted.leaf) {
            self.report.defaulted.push(wanted.key.clone());
            return self.own(wanted);
        }
        if target.is_some() {
            return if wanted.leaf.tensor().is_some() { self.own(wanted) } else { Origin::Nowhere };
        }
        self.report.missing.push(MissingKey {
            key: wanted.key.clone(),
            shape: wanted.leaf.shape().dims().to_vec(),
            nearest: None,
        });
        if wanted.leaf.tensor().is_some() { self.own(wanted) } else { Origin::Nowhere }
    }

    /// A leaf that the options leave out: its own value, which it must have.
    fn left_out(&mut self, wanted: &Wanted) -> Origin<'s> {
        self.report.left_out.push(wanted.key.clone());
        let has_own = wanted.leaf.tensor().is_some() || wanted.default && has_initial(&wanted.leaf);
        if has_own { self.own(wanted) } else { Origin::Nowhere }
    }

    /// The leaf's own value, in the dtype that the options give it.
    fn own(&self, wanted: &Wanted) -> Origin<'s> {
        Origin::Own(self.dtype(wanted, wanted.leaf.dtype()))
    }

    /// Whether the file is of a version of the module that did not have the entry yet, or names no version.
    fn predates(&self, wanted: &Wanted) -> bool {
        let Some(since) = wanted.leaf.spec().since_version else { return false };
        let mut keys = std::iter::once(&wanted.key).chain(&wanted.aliases);
        let version = keys.find_map(|key| self.state.version(module_of(key)));
        has_value(&wanted.leaf) && version.is_none_or(|version| version < since)
    }

    fn find_unexpected(&mut self, wanted: &[Wanted], sources: &[Option<&str>]) {
        let known = wanted.iter().filter(|leaf| leaf.persistent).map(|leaf| leaf.key.as_str());
        let mut names = set_of(wanted.len());
        names.extend(known.chain(sources.iter().flatten().copied()));
        let is_unexpected = |key: &&str| !names.contains(key) && !self.options.filter.leaves_out(key);
        self.report.unexpected.extend(self.state.names().filter(is_unexpected).map(str::to_owned));
        self.report.say_what_is_no_tensor(&self.state.other);
    }
}
