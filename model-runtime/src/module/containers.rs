//! Containers of modules: `Option`, `Vec`, arrays, tuples and string-keyed maps.
//!
//! | Rust | PyTorch | keys |
//! |---|---|---|
//! | `Option<M>` | a module or `None` | those of `M`, none for `None` |
//! | `Vec<M>`, `[M; N]` | `nn.ModuleList`, `nn.ParameterList` | `0.`, `1.`, ... |
//! | `(M, N)`, up to eight | `nn.ModuleList` of different modules | `0.`, `1.`, ... |
//! | `HashMap`, `BTreeMap`, `IndexMap<String, M>` | `nn.ModuleDict`, `nn.ParameterDict` | the map's |
//!
//! A `HashMap` is walked in the order of its keys, so that files come out the same each time.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use indexmap::IndexMap;

use super::keys::{Keys, Part};
use super::walk::{Relocate, Walk, WalkMut};
use super::{HasData, Loaded, Module};
use crate::device::Placement;
use crate::error::Result;

impl<M: Module> Module for Option<M> {
    type On<P: Placement> = Option<M::On<P>>;
    type After<P: Placement> = M::After<P>;
    const KEYS: Keys = Keys::Optional(&M::KEYS);

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        if let Some(module) = self {
            module.walk(walk);
        }
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        self.as_mut().map_or(Ok(()), |module| module.walk_mut(walk))
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
        self.as_ref().map(|module| module.relocate::<P>(walk))
    }
}

impl<M: Module> Module for Vec<M> {
    type On<P: Placement> = Vec<M::On<P>>;
    type After<P: Placement> = M::After<P>;
    const KEYS: Keys = Keys::Indexed(&M::KEYS);

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        walk_all(self, walk);
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        walk_all_mut(self, walk)
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
        relocate_all::<M, P>(self, walk)
    }
}

impl<M: Module, const N: usize> Module for [M; N] {
    type On<P: Placement> = [M::On<P>; N];
    type After<P: Placement> = M::After<P>;
    const KEYS: Keys = Keys::Array(&M::KEYS, N);

    fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
        walk_all(self, walk);
    }

    fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
        walk_all_mut(self, walk)
    }

    fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
        let mut index = 0..;
        self.each_ref().map(|module| walk.index(index.next().unwrap_or(N), |walk| module.relocate::<P>(walk)))
    }
}

fn walk_all<'a, M: Module>(modules: &'a [M], walk: &mut Walk<'a, '_>) {
    for (index, module) in modules.iter().enumerate() {
        walk.enter_index(index);
        module.walk(walk);
        walk.leave();
    }
}

fn walk_all_mut<M: Module>(modules: &mut [M], walk: &mut WalkMut<'_>) -> Result<()> {
    let mut modules = modules.iter_mut().enumerate();
    modules.try_for_each(|(index, module)| walk.index(index, |walk| module.walk_mut(walk)))
}

fn relocate_all<M: Module, P: Placement>(modules: &[M], walk: &mut Relocate<'_>) -> Vec<M::On<P>> {
    let mut moved = Vec::with_capacity(modules.len());
    for (index, module) in modules.iter().enumerate() {
        walk.enter_index(index);
        moved.push(module.relocate::<P>(walk));
        walk.leave();
    }
    moved
}

impl<M: Loaded> HasData for Option<M> {}
impl<M: Loaded> HasData for Vec<M> {}
impl<M: Loaded, const N: usize> HasData for [M; N] {}

/// The placement that is left after all of `$first $($rest)*`.
macro_rules! after {
    ($placement:ty;) => { $placement };
    ($placement:ty; $first:ident $($rest:ident)*) => { after!(<$first as Module>::After<$placement>; $($rest)*) };
}

/// The methods of a tuple's impl. Elements are given with those before them, which consume their part of a placement.
macro_rules! tuple {
    ($($name:ident $index:tt [$($before:ident)*]),+) => {
        impl<$($name: Module),+> Module for ($($name,)+) {
            type On<P: Placement> = ($($name::On<after!(P; $($before)*)>,)+);
            type After<P: Placement> = after!(P; $($name)+);
            const KEYS: Keys = Keys::Parts(&[$(Part { names: &[stringify!($index)], keys: $name::KEYS }),+]);

            fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
                $(walk.index($index, |walk| self.$index.walk(walk));)+
            }

            fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
                $(walk.index($index, |walk| self.$index.walk_mut(walk))?;)+
                Ok(())
            }

            fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
                ($(walk.index($index, |walk| self.$index.relocate::<after!(P; $($before)*)>(walk)),)+)
            }
        }

        impl<$($name: Loaded),+> HasData for ($($name,)+) {}
    };
}

tuple!(A 0 []);
tuple!(A 0 [], B 1 [A]);
tuple!(A 0 [], B 1 [A], C 2 [A B]);
tuple!(A 0 [], B 1 [A], C 2 [A B], D 3 [A B C]);
tuple!(A 0 [], B 1 [A], C 2 [A B], D 3 [A B C], E 4 [A B C D]);
tuple!(A 0 [], B 1 [A], C 2 [A B], D 3 [A B C], E 4 [A B C D], F 5 [A B C D E]);
tuple!(A 0 [], B 1 [A], C 2 [A B], D 3 [A B C], E 4 [A B C D], F 5 [A B C D E], G 6 [A B C D E F]);
tuple!(A 0 [], B 1 [A], C 2 [A B], D 3 [A B C], E 4 [A B C D], F 5 [A B C D E], G 6 [A B C D E F], H 7 [A B C D E F G]);

/// A map's impl; `$sorted` puts its entries into the order that they are walked in.
macro_rules! map {
    ($map:ident<String, M $(, $state:ident: $($bound:ident +)+)?>, $sorted:path) => {
        impl<M: Module $(, $state: $($bound +)+)?> Module for $map<String, M $(, $state)?> {
            type On<P: Placement> = $map<String, M::On<P> $(, $state)?>;
            type After<P: Placement> = M::After<P>;
            const KEYS: Keys = Keys::Named(&M::KEYS);

            fn walk<'a>(&'a self, walk: &mut Walk<'a, '_>) {
                for (key, module) in $sorted(self.iter()) {
                    walk.field(key, |walk| module.walk(walk));
                }
            }

            fn walk_mut(&mut self, walk: &mut WalkMut<'_>) -> Result<()> {
                let mut modules = $sorted(self.iter_mut()).into_iter();
                modules.try_for_each(|(key, module)| walk.field(key, |walk| module.walk_mut(walk)))
            }

            fn relocate<P: Placement>(&self, walk: &mut Relocate<'_>) -> Self::On<P> {
                let modules = $sorted(self.iter()).into_iter();
                modules.map(|(key, module)| (key.clone(), walk.field(key, |walk| module.relocate::<P>(walk)))).collect()
            }
        }

        impl<M: Loaded $(, $state: $($bound +)+)?> HasData for $map<String, M $(, $state)?> {}
    };
}

map!(BTreeMap<String, M>, std::convert::identity);
map!(IndexMap<String, M, S: BuildHasher + Default +>, std::convert::identity);
map!(HashMap<String, M, S: BuildHasher + Default +>, by_key);

/// Entries in the order of their keys.
fn by_key<'a, V>(entries: impl Iterator<Item = (&'a String, V)>) -> Vec<(&'a String, V)> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}
