//! [`Params`]: the type parameters of a struct or an enum, and what becomes of each when a model moves.

use syn::{GenericParam, Generics, Ident, Path, Type, TypeParamBound, WherePredicate};

use crate::symbol::{COMPUTE_TRAIT, DEVICE_SUPERTRAITS, DEVICE_TRAIT, MODULE_TRAIT, SIZED_TRAIT, Symbol};

/// What a type parameter stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `D: Device`: takes a device of the placement.
    Device,
    /// `M: Module`: moves itself.
    Module,
    /// Anything else: stays as it is.
    Other,
}

/// A type parameter.
pub struct Param<'a> {
    /// Its name.
    pub ident: &'a Ident,
    /// What it stands for.
    pub kind: Kind,
    /// Its bounds, in the list and in the where-clause.
    bounds: Vec<&'a TypeParamBound>,
    /// Whether an attribute says that it is a device.
    named: bool,
}

/// The type parameters of a struct or an enum, in declaration order.
pub struct Params<'a>(Vec<Param<'a>>);

impl<'a> Params<'a> {
    /// `devices` are those that are devices whatever their bounds are.
    pub fn new(generics: &'a Generics, devices: &[Ident]) -> Self {
        let params = generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(param),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        let params = params.map(|param| {
            let bounds = param.bounds.iter().chain(where_bounds(generics, &param.ident)).collect();
            Param::new(&param.ident, bounds, devices.contains(&param.ident))
        });
        Self(params.collect())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Param<'a>> {
        self.0.iter()
    }

    /// Those that change when the model moves. A placement is handed out to them in this order.
    pub fn moving(&self) -> impl Iterator<Item = &Param<'a>> {
        self.0.iter().filter(|param| param.kind != Kind::Other)
    }
}

impl<'a> Param<'a> {
    fn new(ident: &'a Ident, bounds: Vec<&'a TypeParamBound>, named: bool) -> Self {
        let has = |symbol| bounds.iter().any(|bound| is(bound, symbol));
        let kind = if named || has(DEVICE_TRAIT) || has(COMPUTE_TRAIT) {
            Kind::Device
        } else if has(MODULE_TRAIT) {
            Kind::Module
        } else {
            Kind::Other
        };
        Self { ident, kind, bounds, named }
    }

    /// The bounds that need not hold for what the parameter becomes when the model moves.
    pub fn lost_bounds(&self) -> impl Iterator<Item = &'a TypeParamBound> {
        self.bounds.iter().copied().filter(|bound| match self.kind {
            Kind::Device => !self.is_kept_by_devices(bound),
            Kind::Module => !is(bound, MODULE_TRAIT) && !is(bound, SIZED_TRAIT),
            Kind::Other => false,
        })
    }

    fn is_kept_by_devices(&self, bound: &TypeParamBound) -> bool {
        // A device is `'static`. The bounds of one that an attribute names are the user's own words for `Device`.
        let is_other_word = || self.named && !is(bound, COMPUTE_TRAIT);
        let is_implied = || DEVICE_SUPERTRAITS.iter().any(|symbol| is(bound, *symbol));
        matches!(bound, TypeParamBound::Lifetime(_))
            || is(bound, DEVICE_TRAIT)
            || is(bound, SIZED_TRAIT)
            || is_implied()
            || is_other_word()
    }
}

/// The bounds of `ident` in the where-clause.
fn where_bounds<'a>(generics: &'a Generics, ident: &Ident) -> impl Iterator<Item = &'a TypeParamBound> {
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let predicates = predicates.filter_map(move |predicate| match predicate {
        WherePredicate::Type(predicate) if is_ident(&predicate.bounded_ty, ident) => Some(&predicate.bounds),
        _ => None,
    });
    predicates.flatten()
}

/// Whether a type is the parameter of this name.
pub fn is_ident(ty: &Type, ident: &Ident) -> bool {
    matches!(ty, Type::Path(ty) if ty.qself.is_none() && ty.path.is_ident(ident))
}

/// Whether a bound is the trait of this name, under whatever path.
pub fn is(bound: &TypeParamBound, symbol: Symbol) -> bool {
    let name = |path: &Path| path.segments.last().is_some_and(|segment| segment.ident == symbol);
    matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_none() && name(&bound.path))
}
