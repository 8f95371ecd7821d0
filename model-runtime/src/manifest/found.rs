//! [`Found`]: what a check has found wrong, as far as its message has room for it.

use super::nearest;
use super::text::Text;
use crate::module::keys::Keys;

/// How many keys of a kind a message names.
pub(super) const MAX_SHOWN: usize = 10;
/// How many keys of fields that the manifest lacks are kept, to find the nearest.
pub(super) const MAX_LACKING: usize = 64;
/// The bytes of all their names.
const MAX_BYTES: usize = 16 << 10;

/// A place in the struct. It is spelt out only where something is wrong.
pub(super) struct Path<'a> {
    pub(super) up: Option<&'a Path<'a>>,
    pub(super) name: Name,
}

/// The last name of a path.
#[derive(Clone, Copy)]
pub(super) enum Name {
    Root,
    Field(&'static str),
    /// A name of the manifest: `text[start..end]`.
    Text(usize, usize),
    Index(usize),
    /// A name, a layer's number, and the direction: `weight_ih_l0_reverse`.
    Numbered(&'static str, usize, &'static str),
}

impl<'a> Path<'a> {
    pub(super) const fn to(&'a self, name: Name) -> Self {
        Self { up: Some(self), name }
    }

    const fn write(&self, text: &[u8], out: &mut Text<MAX_BYTES>) {
        if let Some(up) = self.up {
            up.write(text, out);
            if up.up.is_some() {
                out.push(".");
            }
        }
        match self.name {
            Name::Root => {}
            Name::Field(name) => out.push(name),
            Name::Text(start, end) => out.push_bytes(text, start, end),
            Name::Index(index) => out.push_number(index),
            Name::Numbered(name, layer, end) => {
                out.push(name);
                out.push("_l");
                out.push_number(layer);
                out.push(end);
            }
        }
    }
}

/// A key of the struct that the manifest lacks: `start..end` of the names.
#[derive(Clone, Copy)]
pub(super) struct Lacking {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it may be absent.
    pub(super) is_optional: bool,
}

/// An enum at `start..end` of the names, compared as one of its variants.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) variants: &'static [(&'static str, Keys)],
    pub(super) best: usize,
}

/// What is wrong.
pub(super) struct Found {
    /// Keys of the manifest that nothing claims: `text[start..end]`.
    pub(super) unclaimed: [(usize, usize); MAX_SHOWN],
    pub(super) unclaimed_count: usize,
    pub(super) lacking: [Lacking; MAX_LACKING],
    pub(super) lacking_count: usize,
    pub(super) names: Text<MAX_BYTES>,
    /// The first enum where something is wrong: where it is, its variants and the one that fits best.
    pub(super) chosen: Option<Chosen>,
    /// Why a part cannot be compared, and where.
    pub(super) unknown: Option<(&'static str, usize, usize)>,
}

impl Found {
    pub(super) const fn new() -> Self {
        Self {
            unclaimed: [(0, 0); MAX_SHOWN],
            unclaimed_count: 0,
            lacking: [Lacking { start: 0, end: 0, is_optional: false }; MAX_LACKING],
            lacking_count: 0,
            names: Text::new(),
            chosen: None,
            unknown: None,
        }
    }

    /// Forgets what is lacking, for a second run that knows what nothing claims.
    pub(super) const fn forget_lacking(&mut self) {
        self.lacking_count = 0;
        self.chosen = None;
        self.names.truncate(0);
    }

    pub(super) const fn unclaimed(&mut self, start: usize, end: usize) {
        if self.unclaimed_count < MAX_SHOWN {
            self.unclaimed[self.unclaimed_count] = (start, end);
        }
        self.unclaimed_count += 1;
    }

    /// A field at `at` whose key is not there. One that may be absent is kept if it is the right name for something.
    pub(super) const fn lacking(&mut self, text: &[u8], at: &Path<'_>, is_required: bool) {
        let is_of_use = is_required || self.unclaimed_count > 0;
        if self.lacking_count == MAX_LACKING || !is_of_use {
            return;
        }
        let start = self.names.len();
        at.write(text, &mut self.names);
        let end = self.names.len();
        if is_required || self.is_near(text, start, end) {
            self.lacking[self.lacking_count] = Lacking { start, end, is_optional: !is_required };
            self.lacking_count += 1;
        } else {
            self.names.truncate(start);
        }
    }

    /// Whether one of the unclaimed keys is much like `names[start..end]`.
    const fn is_near(&self, text: &[u8], start: usize, end: usize) -> bool {
        let mut index = 0;
        while index < self.unclaimed_count && index < MAX_SHOWN {
            let of_text = self.unclaimed[index];
            if nearest::distance(text, of_text, self.names.bytes(), (start, end)).is_some() {
                return true;
            }
            index += 1;
        }
        false
    }

    /// The place in `lacking` of what is most like the unclaimed key `index`.
    pub(super) const fn nearest_lacking(&self, text: &[u8], index: usize) -> Option<usize> {
        let (mut best, mut best_distance, mut place) = (None, usize::MAX, 0);
        while place < self.lacking_count {
            let Lacking { start, end, .. } = self.lacking[place];
            let distance = nearest::distance(text, self.unclaimed[index], self.names.bytes(), (start, end));
            if let Some(distance) = distance
                && distance < best_distance
            {
                (best, best_distance) = (Some(place), distance);
            }
            place += 1;
        }
        best
    }

    /// Keeps the first enum of a run.
    pub(super) const fn chosen(
        &mut self,
        text: &[u8],
        at: &Path<'_>,
        variants: &'static [(&'static str, Keys)],
        best: usize,
    ) {
        if self.chosen.is_none() {
            let start = self.names.len();
            at.write(text, &mut self.names);
            self.chosen = Some(Chosen { start, end: self.names.len(), variants, best });
        }
    }

    pub(super) const fn unknown(&mut self, text: &[u8], reason: &'static str, at: &Path<'_>) {
        if self.unknown.is_none() {
            let start = self.names.len();
            at.write(text, &mut self.names);
            self.unknown = Some((reason, start, self.names.len()));
        }
    }
}
