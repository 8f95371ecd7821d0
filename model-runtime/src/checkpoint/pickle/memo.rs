//! The memo of the pickle machine: what `PUT` names by a number, for `GET`.

use std::collections::HashMap;

use super::graph::Id;

/// Picklers count from 0 on, so that nearly all slots are in a row; the index of others is any number up to 2^32.
#[derive(Debug, Default)]
pub(super) struct Memo {
    in_order: Vec<Id>,
    others: HashMap<u32, Id>,
    /// Slots that are set, as `MEMOIZE` counts them.
    pub(super) len: usize,
}

impl Memo {
    pub(super) fn set(&mut self, index: u32, id: Id) {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(slot) = self.in_order.get_mut(at) {
            *slot = id;
        } else if at == self.in_order.len() && !self.others.contains_key(&index) {
            self.in_order.push(id);
            self.len = self.len.saturating_add(1);
        } else if self.others.insert(index, id).is_none() {
            self.len = self.len.saturating_add(1);
        }
    }

    /// What is named, in no order.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        self.in_order.iter().chain(self.others.values()).copied()
    }

    pub(super) fn get(&self, index: u32) -> Option<Id> {
        let in_order = self.in_order.get(usize::try_from(index).ok()?).copied();
        in_order.or_else(|| self.others.get(&index).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_set_in_any_order_and_counted_once() {
        let mut memo = Memo::default();
        for (at, index) in (0u32..).zip([0, 1, 3, 2, 3, u32::MAX, 1]) {
            memo.set(index, Id(at));
        }
        assert_eq!(
            [0, 1, 2, 3, 4, u32::MAX].map(|index| memo.get(index).map(|id| id.0)),
            [Some(0), Some(6), Some(3), Some(4), None, Some(5)]
        );
        assert_eq!(memo.len, 5);
    }
}
