//! [`Module::load_state_dict`]: compare everything, read each storage once, then build the model.

use std::borrow::Cow;
use std::sync::Arc;

use super::compare::{Origin, compare};
use super::converted::Converted;
use super::model::duplicate;
use super::options::{DtypeRule, LoadOptions};
use super::report::{LoadError, LoadReport};
use super::{StateDict, converted, fill};
use crate::device::{Placement, Tag};
use crate::error::{Error, Result};
use crate::hash::{FastMap, set_of};
use crate::module::walk::{At, Mover, Relocate, With};
use crate::module::{Leaf, Mode, Module, Once, check_float, short_name};
use crate::transfer::Meter;

/// A leaf of the model that is to be built.
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) leaf: Leaf,
    /// The keys that older files have for it.
    pub(super) aliases: Vec<String>,
    pub(super) persistent: bool,
    /// Whether it may keep its initial value.
    pub(super) default: bool,
    /// The key that it is tied to by an attribute.
    pub(super) tied: Option<String>,
    /// The field that it is under and whose tensors the file has in another form.
    pub(super) with: Option<Arc<With>>,
    /// Why what the attributes say about it is impossible.
    pub(super) invalid: Option<String>,
    /// Where it goes.
    pub(super) to: Tag,
}

/// Builds `module` on the devices of `_map_location` from `state`.
pub(crate) fn load<M: Module, P: Placement>(
    module: &M,
    state: &StateDict,
    _map_location: P,
    options: &LoadOptions,
) -> Result<(M::On<P>, LoadReport)> {
    let wanted = wanted::<M, P>(module)?;
    let (tensors, report) = fetch(short_name::<M>(), wanted, state, options)?;
    let module = Relocate::rebuild::<M, P>(module, &mut Fill { tensors, once: Once::default() })?;
    Ok((module, report))
}

/// The leaves of `module`, and where `P` puts each.
pub(super) fn wanted<M: Module, P: Placement>(module: &M) -> Result<Vec<Wanted>> {
    let mut plan = Plan { wanted: Vec::new() };
    Relocate::plan::<M, P>(module, &mut plan)?;
    Ok(plan.wanted)
}

/// What is wanted of the file, each under a key of its own, and the fields that are made of it.
pub(super) fn in_file(
    wanted: Vec<Wanted>,
    state: &StateDict,
    options: &LoadOptions,
) -> Result<(Vec<Wanted>, Vec<Converted>)> {
    let (wanted, converted) = converted::in_file(wanted, state, options)?;
    check_keys(&wanted)?;
    Ok((wanted, converted))
}

/// Two leaves of one name would quietly get one tensor.
fn check_keys(wanted: &[Wanted]) -> Result<()> {
    let mut seen = set_of(wanted.len());
    match wanted.iter().find(|leaf| !seen.insert(leaf.key.as_str())) {
        None => Ok(()),
        Some(leaf) => Err(duplicate(leaf.key.clone())),
    }
}

/// The tensor of each leaf on its device, or everything that is wrong.
fn fetch(
    model: &str,
    wanted: Vec<Wanted>,
    state: &StateDict,
    options: &LoadOptions,
) -> Result<(FastMap<String, candle_core::Tensor>, LoadReport)> {
    if let DtypeRule::Floats(dtype) = options.dtype {
        check_float(dtype)?;
    }
    let mut state = Cow::Borrowed(state);
    for rule in &options.rules {
        state = Cow::Owned(state.renamed(rule)?);
    }
    if options.widen {
        state = Cow::Owned(state.widen()?);
    }
    let (wanted, converted) = in_file(wanted, &state, options)?;
    options.filter.check(wanted.iter().map(|leaf| leaf.key.as_str()).chain(state.names()))?;
    let (report, mut origins) = compare(model, &wanted, &state, options);
    let report = check(report, &origins, &wanted, options)?;
    converted::widen(&mut origins, &wanted, &converted);
    let (seed, meter) = (options.seed.unwrap_or_else(rand::random), Meter::new(options.progress.clone()));
    let mut tensors = fill::all(&wanted, &origins, seed, &meter)?;
    for field in converted {
        field.load(&mut tensors, options)?;
    }
    Ok((tensors, report))
}

/// The one place that decides whether a report is an error.
fn check(
    mut report: LoadReport,
    origins: &[Origin<'_>],
    wanted: &[Wanted],
    options: &LoadOptions,
) -> Result<LoadReport> {
    // Without `strict` a load that matches nothing is still a mistake: another file, or another prefix.
    let lacks = !report.missing.is_empty() || !report.defaulted.is_empty() && !report.unexpected.is_empty();
    let matches_nothing = report.loaded == 0 && lacks;
    let is_fatal = report.is_broken() || matches_nothing;
    if is_fatal || options.strict && !report.is_complete() {
        return Err(LoadError::new(report).into());
    }
    // A load that is not strict, or leaves keys out, comes here with some that need a value on a device that computes.
    let lacks_value =
        |(origin, leaf): &(&Origin<'_>, &Wanted)| matches!(origin, Origin::Nowhere) && !matches!(leaf.to, Tag::Meta);
    if let Some((_, leaf)) = origins.iter().zip(wanted).find(lacks_value) {
        let which = if options.filter.leaves_out(&leaf.key) { "left out" } else { "missing" };
        let hint = format!(
            "the model has no value for `{}` to keep, which is {which}: call `init(device)` on it before the load",
            leaf.key
        );
        report.hint = Some(match report.hint.take() {
            Some(rule) => format!("{rule}; or {hint}"),
            None => hint,
        });
        return Err(LoadError::new(report).into());
    }
    Ok(report)
}

/// Collects the leaves of the model that is to be built.
struct Plan {
    wanted: Vec<Wanted>,
}

impl Mover for Plan {
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        self.wanted.push(Wanted {
            key: at.key.to_owned(),
            leaf: leaf.clone(),
            aliases: at.aliases.to_vec(),
            persistent: at.persistent,
            default: at.default,
            tied: at.tied.map(str::to_owned),
            with: at.with.cloned(),
            invalid: at.invalid.map(str::to_owned),
            to,
        });
        Ok(leaf.without_data())
    }
}

/// Hands out the tensors that were read; tied leaves stay tied, and the model is in evaluation mode.
struct Fill {
    tensors: FastMap<String, candle_core::Tensor>,
    once: Once,
}

impl Mover for Fill {
    fn leaf(&mut self, at: At<'_>, leaf: &Leaf, to: Tag) -> Result<Leaf> {
        let tensors = &self.tensors;
        self.once.leaf(leaf, to, |_| match tensors.get(at.key) {
            Some(tensor) => Ok(leaf.with_loaded(tensor.clone())),
            None => Err(Error::NoData { key: at.key.to_owned() }),
        })
    }

    fn mode(&mut self, _mode: &Mode) -> Mode {
        Mode::new(false)
    }
}
