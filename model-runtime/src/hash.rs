//! Hash maps and sets for keys that come from files: quicker than the standard library's, and as theirs seeded by chance,
//! so that no file can be made whose keys all collide.

use std::collections::{HashMap, HashSet};

/// A seed of its own for each map.
pub(crate) type Seeded = foldhash::fast::RandomState;

/// A [`HashMap`] with a quick, seeded hash.
pub(crate) type FastMap<K, V> = HashMap<K, V, Seeded>;

/// A [`HashSet`] with a quick, seeded hash.
pub(crate) type FastSet<K> = HashSet<K, Seeded>;

/// An empty map with room for so many keys.
pub(crate) fn map_of<K, V>(len: usize) -> FastMap<K, V> {
    FastMap::with_capacity_and_hasher(len, Seeded::default())
}

/// An empty set with room for so many keys.
pub(crate) fn set_of<K>(len: usize) -> FastSet<K> {
    FastSet::with_capacity_and_hasher(len, Seeded::default())
}
