//! The parameters of a recurrent layer, whose names end in the layer's number: `weight_ih_l0`, `weight_ih_l0_reverse`.

use super::check::Check;
use super::found::{Name, Path};
use super::tree::{ABSENT, Tree};

/// The end of the names of the second direction.
const REVERSE: &str = "_reverse";

/// What the manifest has of a recurrent layer.
struct Size {
    layers: usize,
    directions: usize,
}

impl<const N: usize> Check<'_, N> {
    /// Compares each layer in each direction; of `groups` the first is there, each other wholly or not at all.
    pub(super) const fn recurrent(
        &mut self,
        groups: &'static [&'static [&'static str]],
        node: u32,
        at: &Path<'_>,
        is_required: bool,
    ) {
        let size = size(&self.tree, groups, node);
        let mut group = 0;
        while group < groups.len() {
            if group == 0 || has_any(&self.tree, groups[group], node, &size) {
                self.group(groups[group], node, at, is_required, &size);
            }
            group += 1;
        }
    }

    const fn group(
        &mut self,
        names: &'static [&'static str],
        node: u32,
        at: &Path<'_>,
        is_required: bool,
        size: &Size,
    ) {
        let mut place = 0;
        while place < size.layers * size.directions * names.len() {
            let (name, direction) = (names[place % names.len()], place / names.len() % size.directions);
            let layer = place / names.len() / size.directions;
            let mut child = self.tree.nodes[node as usize].first;
            while child != ABSENT
                && !matches!(place_of(&self.tree, child, name), Some(found) if is(found, layer, direction))
            {
                child = self.tree.nodes[child as usize].next;
            }
            let end = if direction == 0 { "" } else { REVERSE };
            self.leaf(child, &at.to(Name::Numbered(name, layer, end)), is_required);
            place += 1;
        }
    }
}

const fn is((layer, direction): (usize, usize), wanted: usize, wanted_direction: usize) -> bool {
    layer == wanted && direction == wanted_direction
}

/// One layer in one direction at least. There are not more layers than names: a larger number is nobody's.
const fn size<const N: usize>(tree: &Tree<'_, N>, groups: &[&[&str]], node: u32) -> Size {
    let (mut size, mut names) = (Size { layers: 1, directions: 1 }, 0);
    let mut child = tree.nodes[node as usize].first;
    while child != ABSENT {
        names += 1;
        child = tree.nodes[child as usize].next;
    }
    let mut child = tree.nodes[node as usize].first;
    while child != ABSENT {
        let (mut group, mut name) = (0, 0);
        while group < groups.len() {
            if let Some((layer, direction)) = place_of(tree, child, groups[group][name])
                && layer < names
            {
                size.layers = if layer >= size.layers { layer + 1 } else { size.layers };
                size.directions = if direction == 1 { 2 } else { size.directions };
            }
            name += 1;
            if name == groups[group].len() {
                (group, name) = (group + 1, 0);
            }
        }
        child = tree.nodes[child as usize].next;
    }
    size
}

/// Whether there is anything of a group.
const fn has_any<const N: usize>(tree: &Tree<'_, N>, names: &[&str], node: u32, size: &Size) -> bool {
    let mut child = tree.nodes[node as usize].first;
    while child != ABSENT {
        let mut name = 0;
        while name < names.len() {
            if matches!(place_of(tree, child, names[name]), Some((layer, _)) if layer < size.layers) {
                return true;
            }
            name += 1;
        }
        child = tree.nodes[child as usize].next;
    }
    false
}

/// The layer and the direction, 0 or 1, of a node that is `name` and its end.
const fn place_of<const N: usize>(tree: &Tree<'_, N>, node: u32, name: &str) -> Option<(usize, usize)> {
    let (start, end) = tree.name(node);
    let number = start + name.len() + "_l".len();
    if number >= end || !tree.is_part(start, name.as_bytes()) || !tree.is_part(start + name.len(), b"_l") {
        return None;
    }
    let mut after = number;
    while after < end && tree.text[after].is_ascii_digit() {
        after += 1;
    }
    let direction = if after == end {
        0
    } else if end - after == REVERSE.len() && tree.is_part(after, REVERSE.as_bytes()) {
        1
    } else {
        return None;
    };
    match tree.number(number, after) {
        Some(layer) => Some((layer, direction)),
        None => None,
    }
}
