//! Ties that a struct declares: `#[module(tied = "path")]` puts the leaf at `path` in the place of the field's own, unless
//! each has data of its own on the same device.
//!
//! Every walk does so before its visitor sees the leaf. To a visitor it is one leaf in two places, like the clone of a
//! [`Param`](super::Param) in another field.

use std::borrow::Borrow;

use indexmap::IndexMap;

use super::leaf::Leaf;
use super::path::{At, below, join};
use super::walk::{Visitor, Walk};
use super::{LeafKind, Module};
use crate::error::{Error, Result};
use crate::hash::Seeded;

/// Below this likeness (1 is equal) a name has nothing to do with the one that was meant.
const MIN_LIKENESS: f64 = 0.6;

/// A field with `#[module(tied = "..")]`: its key, and that of what it is tied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    pub(super) field: String,
    pub(super) target: String,
}

impl Tie {
    /// The key that `key` is tied to, if it is under the field.
    fn counterpart(&self, key: &str) -> Option<String> {
        Some(join(&self.target, below(key, &self.field)?))
    }
}

/// The leaves of a struct as its fields hold them, with the ties that the fields declare.
pub(super) struct Links<L>(IndexMap<String, Link<L>, Seeded>);

struct Link<L> {
    leaf: L,
    /// Outermost first.
    ties: Vec<Tie>,
}

/// A leaf that stands in for a field's own.
pub(super) struct Tied<L> {
    /// Its key.
    pub(super) key: String,
    pub(super) leaf: L,
}

impl<'a> Links<&'a Leaf> {
    /// Those of `module`, with keys that start there.
    pub(super) fn of<M: Module>(module: &'a M) -> Self {
        let mut links = Self(IndexMap::default());
        module.walk(&mut Walk::collecting_ties(&mut links));
        links
    }
}

impl Links<Leaf> {
    /// The same, without a borrow of the module.
    pub(super) fn owned<M: Module>(module: &M) -> Self {
        let mut links = Self(IndexMap::default());
        module.walk(&mut Walk::collecting_ties(&mut links));
        links
    }

    fn borrowed(&self) -> Links<&Leaf> {
        let links = self.0.iter();
        Links(links.map(|(key, Link { leaf, ties })| (key.clone(), Link { leaf, ties: ties.clone() })).collect())
    }
}

impl<'a> Visitor<'a> for Links<&'a Leaf> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        self.0.insert(at.key.to_owned(), Link { leaf, ties: at.ties.to_vec() });
    }
}

impl<'a> Visitor<'a> for Links<Leaf> {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        self.0.insert(at.key.to_owned(), Link { leaf: leaf.clone(), ties: at.ties.to_vec() });
    }
}

impl<L: Borrow<Leaf> + Clone> Links<L> {
    /// What stands in for the leaf at `key`: `None` if it is not tied, the reason if it cannot be.
    fn resolve(&self, key: &str) -> Result<Option<Tied<L>>, String> {
        let mut chain = vec![key.to_owned()];
        let last = loop {
            let Some(last) = chain.last() else { return Ok(None) };
            let Some(link) = self.0.get(last) else { return Ok(None) };
            let Some(next) = self.next(last, &link.ties)? else { break link };
            if chain.contains(&next) {
                return Err(circle(&chain, &next));
            }
            chain.push(next);
        };
        let Some(target) = chain.pop().filter(|_| !chain.is_empty()) else { return Ok(None) };
        match self.0.get(key) {
            Some(own) if !are_two(own.leaf.borrow(), last.leaf.borrow()) => {
                check_like(own.leaf.borrow(), &target, last.leaf.borrow())?;
            }
            _ => return Ok(None),
        }
        Ok(Some(Tied { key: target, leaf: last.leaf.clone() }))
    }

    /// The key that the leaf at `key` is tied to directly.
    fn next(&self, key: &str, ties: &[Tie]) -> Result<Option<String>, String> {
        let counterparts = ties.iter().filter_map(|tie| tie.counterpart(key));
        if let Some(next) = counterparts.into_iter().find(|target| self.0.contains_key(target)) {
            return Ok(Some(next));
        }
        // A bias that the other module lacks is the field's own; but of each field something must be tied.
        match ties.iter().find(|tie| !self.ties_something(tie)) {
            Some(tie) => Err(self.dangling(key, tie)),
            None => Ok(None),
        }
    }

    fn ties_something(&self, tie: &Tie) -> bool {
        let mut links = self.0.iter().filter(|(_, link)| link.ties.contains(tie));
        links.any(|(key, _)| tie.counterpart(key).is_some_and(|target| self.0.contains_key(&target)))
    }

    /// The reason that nothing under a field has a counterpart.
    fn dangling(&self, key: &str, tie: &Tie) -> String {
        let wanted = tie.counterpart(key).unwrap_or_else(|| tie.target.clone());
        let likeness = |key: &String| {
            let likeness = |wanted| strsim::normalized_levenshtein(key, wanted);
            likeness(&wanted).max(likeness(&tie.target))
        };
        let others = self.0.iter().filter(|(_, link)| !link.ties.contains(tie)).map(|(key, _)| key);
        let nearest = others.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        let nearest = nearest.filter(|nearest| {
            likeness(nearest) >= MIN_LIKENESS
                || below(nearest, &tie.target).is_some()
                || below(&tie.target, nearest).is_some()
        });
        let target = &tie.target;
        let Some(nearest) = nearest else {
            return format!("tied to `{target}`, but there is no `{wanted}` in the struct that declares the field");
        };
        // The path to write, which for a module stops before the names that the field has itself.
        let rest = below(key, &tie.field).unwrap_or_default();
        let path = match nearest.strip_suffix(rest).map(|path| path.trim_end_matches('.')) {
            Some(path) if !path.is_empty() => path,
            _ => nearest,
        };
        format!(
            "tied to `{target}`, but there is no `{wanted}` in the struct that declares the field, did you mean `{path}`?"
        )
    }
}

fn circle(chain: &[String], next: &str) -> String {
    let from = chain.iter().position(|key| key == next).unwrap_or(0);
    let circle = chain.get(from..).unwrap_or_default();
    match circle {
        [_] => format!("tied to itself: `{next}` needs the path of another field"),
        _ => format!("tied in a circle: `{}`, and that to `{next}`; remove one `tied`", circle.join("` to `")),
    }
}

/// The one check that a leaf can stand in for another.
fn check_like(own: &Leaf, target: &str, leaf: &Leaf) -> Result<(), String> {
    if own.kind() != leaf.kind() {
        let name = |kind| if kind == LeafKind::Parameter { "a parameter" } else { "a buffer" };
        let (own, other) = (name(own.kind()), name(leaf.kind()));
        return Err(format!("tied to `{target}`, expected: {own}, got: {other}"));
    }
    if own.shape() != leaf.shape() {
        let (own, other) = (own.shape().dims(), leaf.shape().dims());
        return Err(format!("tied to `{target}`, expected: shape {own:?}, got: {other:?}"));
    }
    Ok(())
}

/// The ties of the structs that a walk is in.
pub(super) struct Scopes<L> {
    /// Outermost first.
    scopes: Vec<Scope<L>>,
    /// That of the field that is entered next.
    noted: Option<Scope<L>>,
    /// How many scopes there were before each field that the walk is in, outermost first.
    outer: Vec<usize>,
}

/// The struct that declares a tied field.
struct Scope<L> {
    key: String,
    links: Links<L>,
}

impl<L> Default for Scopes<L> {
    fn default() -> Self {
        Self { scopes: Vec::new(), noted: None, outer: Vec::new() }
    }
}

impl<L: Borrow<Leaf> + Clone> Scopes<L> {
    /// Says that the field that is entered next is tied, in the struct at `key`.
    pub(super) fn note(&mut self, key: &str, links: Links<L>) {
        self.noted = Some(Scope { key: key.to_owned(), links });
    }

    /// Enters a field.
    pub(super) fn enter(&mut self) {
        self.outer.push(self.scopes.len());
        self.scopes.extend(self.noted.take());
    }

    /// Comes back from the field that was entered last.
    pub(super) fn leave(&mut self) {
        debug_assert!(!self.outer.is_empty(), "no field was entered");
        self.scopes.truncate(self.outer.pop().unwrap_or_default());
    }

    /// What stands in for the leaf at `key`: `None` if it is not tied, the reason if it cannot be.
    pub(super) fn resolve(&self, key: &str) -> Result<Option<Tied<L>>, String> {
        for scope in &self.scopes {
            let Some(inner) = below(key, &scope.key) else { continue };
            if let Some(tied) = scope.links.resolve(inner)? {
                return Ok(Some(Tied { key: join(&scope.key, &tied.key), ..tied }));
            }
        }
        Ok(None)
    }
}

impl Scopes<Leaf> {
    /// The same, for a walk by shared reference.
    pub(super) fn borrowed(&self) -> Scopes<&Leaf> {
        let scopes = self.scopes.iter().map(|inner| Scope { key: inner.key.clone(), links: inner.links.borrowed() });
        Scopes { scopes: scopes.collect(), noted: None, outer: Vec::new() }
    }
}

/// Whether both leaves have data, on different devices: then they cannot be one tensor.
pub(super) fn are_apart(a: &Leaf, b: &Leaf) -> bool {
    match (a.tensor(), b.tensor()) {
        (Some(a), Some(b)) => !a.device().same_device(b.device()),
        _ => false,
    }
}

/// Whether both leaves have data of their own on one device: two tensors, as after an assignment to one of the fields.
fn are_two(a: &Leaf, b: &Leaf) -> bool {
    let have_data = a.tensor().is_some() && b.tensor().is_some();
    have_data && !are_apart(a, b) && a.identity() != b.identity()
}

/// The first leaf about which the attributes say something impossible.
pub(super) fn check<M: Module>(module: &M) -> Result<()> {
    let mut check = Check(None);
    module.walk(&mut Walk::new(&mut check));
    check.0.map_or(Ok(()), Err)
}

struct Check(Option<Error>);

impl<'a> Visitor<'a> for Check {
    fn leaf(&mut self, at: At<'_>, _leaf: &'a Leaf) {
        if self.0.is_none() {
            self.0 = at.check().err();
        }
    }
}

impl At<'_> {
    /// The one check that what the attributes say is possible.
    pub(crate) fn check(&self) -> Result<()> {
        match self.invalid {
            None => Ok(()),
            Some(reason) => Err(Error::Declaration { key: self.key.to_owned(), reason: reason.to_owned() }),
        }
    }
}
