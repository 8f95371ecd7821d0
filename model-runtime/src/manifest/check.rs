//! [`Check`]: the comparison of the keys that a type declares with those of a manifest, while a program compiles.

use super::found::{Found, Name, Path};
use super::tree::{ABSENT, Node, ROOT, Tree};
use crate::module::keys::{Keys, Part};

/// How many absent elements of a `Vec` or an array are looked at: enough to say what is wrong.
const MAX_GAPS: usize = 16;

/// A comparison. `N` is that of the [`Tree`].
pub(super) struct Check<'t, const N: usize> {
    pub(super) tree: Tree<'t, N>,
    pub(super) found: Found,
    /// Fields whose key is in the manifest, and fields whose key must be and is not.
    pub(super) claimed: usize,
    pub(super) missing: usize,
    /// Whether this is only a look at what would be found.
    dry: bool,
}

impl<'t, const N: usize> Check<'t, N> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self { tree: Tree::new(text), found: Found::new(), claimed: 0, missing: 0, dry: false }
    }

    /// Compares everything, from the root.
    pub(super) const fn run(&mut self, keys: &Keys) {
        (self.claimed, self.missing) = (0, 0);
        self.visit(keys, ROOT, &Path { up: None, name: Name::Root }, true);
    }

    /// What would be claimed, and what would be missing, with `node` in the place of `keys`.
    pub(super) const fn look(&mut self, keys: &Keys, node: u32) -> (usize, usize) {
        let (claimed, missing, dry) = (self.claimed, self.missing, self.dry);
        (self.claimed, self.missing, self.dry) = (0, 0, true);
        self.visit(keys, node, &Path { up: None, name: Name::Root }, true);
        let seen = (self.claimed, self.missing);
        (self.claimed, self.missing, self.dry) = (claimed, missing, dry);
        seen
    }

    /// Compares `keys` with what is at and below `node`, which is [`ABSENT`] if the manifest has nothing at `at`.
    pub(super) const fn visit(&mut self, keys: &Keys, node: u32, at: &Path<'_>, is_required: bool) {
        match *keys {
            Keys::None => {}
            Keys::Leaf => self.leaf(node, at, is_required),
            Keys::Parts(parts) => self.parts_or_nothing(parts, node, at, is_required),
            Keys::Indexed(element) => self.elements(element, None, node, at, is_required),
            Keys::Array(element, len) => self.elements(element, Some(len), node, at, is_required),
            Keys::Named(element) => {
                let mut child = self.tree.nodes[node as usize].first;
                while child != ABSENT {
                    let (start, end) = self.tree.name(child);
                    self.visit(element, child, &at.to(Name::Text(start, end)), is_required);
                    child = self.tree.nodes[child as usize].next;
                }
            }
            Keys::Optional(inner) => {
                // A part of which anything is there is there. `bias: Option<Param<D>>` with a `bias.x` is not.
                let is_there = node != ABSENT && !matches!(inner, Keys::Leaf);
                self.visit(inner, node, at, is_required && is_there);
            }
            Keys::Lenient(inner) => self.visit(inner, node, at, false),
            Keys::OneOf(variants) => self.variants(variants, node, at, is_required),
            Keys::Recurrent(groups) => self.recurrent(groups, node, at, is_required),
            Keys::Any => self.claim(node),
            Keys::Unknown(reason) => self.found.unknown(self.tree.text, reason, at),
        }
    }

    pub(super) const fn leaf(&mut self, node: u32, at: &Path<'_>, is_required: bool) {
        if node != ABSENT && self.tree.nodes[node as usize].key != 0 {
            self.claimed += 1;
            if !self.dry {
                self.tree.nodes[node as usize].is_claimed = true;
            }
            return;
        }
        if is_required {
            self.missing += 1;
        }
        if !self.dry {
            self.found.lacking(self.tree.text, at, is_required);
        }
    }

    /// The parts of a module. Of a layer whose tensors are each optional (`LayerNorm`), something must be there: that it
    /// has nothing to save is rare, and that it was forgotten is not.
    const fn parts_or_nothing(&mut self, parts: &[Part], node: u32, at: &Path<'_>, is_required: bool) {
        if node == ABSENT && is_required && are_optional_leaves(parts) {
            self.missing += 1;
            if !self.dry {
                self.found.lacking(self.tree.text, at, true);
            }
            return;
        }
        self.parts(parts, node, at, is_required);
    }

    const fn parts(&mut self, parts: &[Part], node: u32, at: &Path<'_>, is_required: bool) {
        // Fields mostly come in the order of the file: the next one is looked for first.
        let mut cursor = self.tree.nodes[node as usize].first;
        let mut part = 0;
        while part < parts.len() {
            let Part { names, keys } = &parts[part];
            part += 1;
            if names.is_empty() {
                self.flattened(keys, node, at, is_required);
                continue;
            }
            let child = self.find(node, cursor, names);
            if child != ABSENT {
                cursor = self.tree.nodes[child as usize].next;
            }
            self.visit(keys, child, &at.to(Name::Field(names[0])), is_required);
        }
    }

    /// A part whose keys are those of the whole: an `Option` of one is there if any of its keys is.
    const fn flattened(&mut self, keys: &Keys, node: u32, at: &Path<'_>, is_required: bool) {
        match *keys {
            Keys::Optional(inner) => {
                let (claimed, _) = self.look(inner, node);
                self.visit(inner, node, at, is_required && claimed > 0);
            }
            _ => self.visit(keys, node, at, is_required),
        }
    }

    /// The node below `node` with one of the names: the first that there is. It starts at `cursor` and goes around.
    const fn find(&self, node: u32, cursor: u32, names: &[&str]) -> u32 {
        let mut name = 0;
        while name < names.len() {
            let wanted = names[name].as_bytes();
            let mut child = cursor;
            while child != ABSENT {
                if self.tree.is_name(child, wanted) {
                    return child;
                }
                child = self.tree.nodes[child as usize].next;
            }
            child = self.tree.nodes[node as usize].first;
            while child != cursor {
                if self.tree.is_name(child, wanted) {
                    return child;
                }
                child = self.tree.nodes[child as usize].next;
            }
            name += 1;
        }
        ABSENT
    }

    /// The elements of a `Vec`, or of an array of `len`.
    const fn elements(&mut self, element: &Keys, len: Option<usize>, node: u32, at: &Path<'_>, is_required: bool) {
        let limit = match len {
            Some(len) => len,
            None => usize::MAX,
        };
        let (mut end, mut count) = (0, 0);
        let mut child = self.tree.nodes[node as usize].first;
        while child != ABSENT {
            match self.tree.index(child) {
                Some(index) if index < limit => {
                    self.visit(element, child, &at.to(Name::Index(index)), is_required);
                    count += 1;
                    end = if index >= end { index + 1 } else { end };
                }
                Some(_) | None => {}
            }
            child = self.tree.nodes[child as usize].next;
        }
        let end = match len {
            Some(len) => len,
            None => end,
        };
        if count < end {
            self.gaps(element, end, end - count, node, at, is_required);
        }
    }

    /// The elements below `end` that the manifest has nothing of, of which there are `gaps`.
    const fn gaps(&mut self, element: &Keys, end: usize, gaps: usize, node: u32, at: &Path<'_>, is_required: bool) {
        let (mut index, mut left) = (0, if gaps < MAX_GAPS { gaps } else { MAX_GAPS });
        while index < end && left > 0 {
            let mut child = self.tree.nodes[node as usize].first;
            while child != ABSENT && !matches!(self.tree.index(child), Some(other) if other == index) {
                child = self.tree.nodes[child as usize].next;
            }
            if child == ABSENT {
                self.visit(element, ABSENT, &at.to(Name::Index(index)), is_required);
                left -= 1;
            }
            index += 1;
        }
    }

    /// The variant that fits best: of which the least is missing and the most is there.
    const fn variants(
        &mut self,
        variants: &'static [(&'static str, Keys)],
        node: u32,
        at: &Path<'_>,
        is_required: bool,
    ) {
        let (mut best, mut best_claimed, mut best_missing) = (0, 0, usize::MAX / 2);
        let mut variant = 0;
        while variant < variants.len() {
            let (claimed, missing) = self.look(&variants[variant].1, node);
            let (cost, best_cost) = (missing + best_claimed, best_missing + claimed);
            if cost < best_cost || cost == best_cost && claimed > best_claimed {
                (best, best_claimed, best_missing) = (variant, claimed, missing);
            }
            variant += 1;
        }
        if variants.is_empty() {
            return;
        }
        if self.dry {
            // The look has counted: another visit would double the work with every enum inside another.
            self.claimed += best_claimed;
            self.missing += if is_required { best_missing } else { 0 };
            return;
        }
        // In the second run it is known what nothing claims.
        if best_missing > 0 && is_required || self.has_unclaimed(node) {
            self.found.chosen(self.tree.text, at, variants, best);
        }
        self.visit(&variants[best].1, node, at, is_required);
    }

    /// Whether a key below `node` is one that nothing claims, if that is known already.
    const fn has_unclaimed(&self, node: u32) -> bool {
        if self.found.unclaimed_count == 0 || node == ABSENT {
            return false;
        }
        let mut child = self.tree.nodes[node as usize].first;
        while child != ABSENT {
            let Node { key, is_claimed, .. } = self.tree.nodes[child as usize];
            if key != 0 && !is_claimed || self.has_unclaimed(child) {
                return true;
            }
            child = self.tree.nodes[child as usize].next;
        }
        false
    }

    /// Takes all keys at and below `node`.
    const fn claim(&mut self, node: u32) {
        if node == ABSENT {
            return;
        }
        if self.tree.nodes[node as usize].key != 0 {
            self.claimed += 1;
            if !self.dry {
                self.tree.nodes[node as usize].is_claimed = true;
            }
        }
        let mut child = self.tree.nodes[node as usize].first;
        while child != ABSENT {
            self.claim(child);
            child = self.tree.nodes[child as usize].next;
        }
    }
}

/// Whether there are tensors among the parts, all of them optional, and nothing else that has keys.
const fn are_optional_leaves(parts: &[Part]) -> bool {
    let (mut part, mut leaves) = (0, 0);
    while part < parts.len() {
        match parts[part].keys {
            Keys::Optional(Keys::Leaf) => leaves += 1,
            Keys::None => {}
            _ => return false,
        }
        part += 1;
    }
    leaves > 0
}
