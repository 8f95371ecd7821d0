//! The bookkeeping of an address range: which parts hold a mapped file, how many hold each, and which are free.
//!
//! Numbers only, no memory: whoever owns the range maps and unmaps.

/// The parts of a range of addresses, in order and without gaps.
///
/// It sits behind the lock that `dealloc` takes, so that no method makes or frees an allocation:
/// [`needs_room`](Self::needs_room) says when to hand it a larger list, which is made and dropped outside.
#[derive(Debug)]
pub(super) struct Segments {
    list: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: usize,
    len: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    /// In use by so many.
    Held(usize),
    /// Nobody uses it, and a thread is putting inaccessible memory there.
    Clearing,
    /// Nobody uses it, and the system refused to put inaccessible memory there.
    Stale,
    /// The system may have given the addresses to somebody else.
    Lost,
}

/// A part of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) len: usize,
}

/// What became of a part that one holder let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// No such part is in use.
    Unknown,
    /// Others still use it.
    Held,
    /// This was the last: to be cleared, and then [`given back`](Segments::give_back).
    Last(Span),
}

/// How much is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct InUse {
    pub(super) parts: usize,
    pub(super) holders: usize,
    pub(super) bytes: usize,
}

/// Segments that one [`Segments::hold`] can add.
const ADDED: usize = 1;

impl Segments {
    /// A range without addresses.
    pub(super) const fn new() -> Self {
        Self { list: Vec::new() }
    }

    /// How large a list [`enlarge`](Self::enlarge) wants before anything can be added; `None` if there is room.
    pub(super) fn needs_room(&self) -> Option<usize> {
        let full = self.list.capacity().saturating_sub(self.list.len()) < ADDED;
        full.then(|| self.list.len().saturating_mul(2).max(16))
    }

    /// Moves into the larger `list`. Returns the one that is left over, to be dropped outside of the lock.
    #[must_use = "it is to be dropped outside of the lock"]
    pub(super) fn enlarge(&mut self, mut list: Larger) -> Larger {
        if list.0.capacity() > self.list.capacity() {
            list.0.append(&mut self.list);
            std::mem::swap(&mut self.list, &mut list.0);
        }
        list
    }

    /// Makes the addresses of `span`, which must come after all others, free. Needs room.
    pub(super) fn add(&mut self, span: Span) {
        self.list.push(Segment { start: span.start, len: span.len, state: State::Free });
    }

    /// Takes the first `len` free addresses that lie together, with one holder; `None` if there are none, or no room in
    /// the list.
    pub(super) fn hold(&mut self, len: usize) -> Option<Span> {
        if self.needs_room().is_some() || len == 0 {
            return None;
        }
        let at = self.list.iter().position(|segment| segment.state == State::Free && segment.len >= len)?;
        let segment = self.list.get_mut(at)?;
        let rest = Segment { start: segment.start.checked_add(len)?, len: segment.len.checked_sub(len)?, ..*segment };
        *segment = Segment { start: segment.start, len, state: State::Held(1) };
        let span = Span { start: segment.start, len };
        if rest.len > 0 {
            self.list.insert(at.saturating_add(1), rest);
        }
        Some(span)
    }

    /// Whether `address` is in a part that is in use.
    pub(super) fn is_held(&mut self, address: usize) -> bool {
        self.find(address).is_some_and(|segment| matches!(segment.state, State::Held(_)))
    }

    /// Adds a holder to the part that `address` is in, which must be in use.
    pub(super) fn share(&mut self, address: usize) -> bool {
        match self.find(address).map(|segment| &mut segment.state) {
            Some(State::Held(holders)) => {
                *holders = holders.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    /// Takes a holder from the part that `address` is in.
    pub(super) fn release(&mut self, address: usize) -> Released {
        let Some(segment) = self.find(address) else { return Released::Unknown };
        match segment.state {
            State::Held(0 | 1) => {
                segment.state = State::Clearing;
                Released::Last(Span { start: segment.start, len: segment.len })
            }
            State::Held(holders) => {
                segment.state = State::Held(holders.saturating_sub(1));
                Released::Held
            }
            State::Free | State::Clearing | State::Stale | State::Lost => Released::Unknown,
        }
    }

    /// Makes a part that was cleared free, and joins it with free neighbours.
    pub(super) fn give_back(&mut self, span: Span) {
        let Some(mut at) = self.list.iter().position(|segment| segment.start == span.start) else { return };
        if let Some(segment) = self.list.get_mut(at).filter(|segment| segment.state == State::Clearing) {
            segment.state = State::Free;
        }
        at = at.saturating_sub(usize::from(self.join(at.wrapping_sub(1))));
        self.join(at);
    }

    /// Keeps a part that could not be cleared, for another try.
    pub(super) fn keep_stale(&mut self, span: Span) {
        if let Some(segment) = self.find(span.start).filter(|segment| segment.state == State::Clearing) {
            segment.state = State::Stale;
        }
    }

    /// Never hands this part out again, which [`hold`](Self::hold) has handed out.
    pub(super) fn lose(&mut self, span: Span) {
        if let Some(segment) = self.find(span.start) {
            segment.state = State::Lost;
        }
    }

    /// A part that could not be cleared, to be tried again by the caller.
    pub(super) fn retry(&mut self) -> Option<Span> {
        let segment = self.list.iter_mut().find(|segment| segment.state == State::Stale)?;
        segment.state = State::Clearing;
        Some(Span { start: segment.start, len: segment.len })
    }

    /// How much is in use.
    pub(super) fn in_use(&self) -> InUse {
        self.list.iter().fold(InUse::default(), |sum, segment| match segment.state {
            State::Held(holders) => InUse {
                parts: sum.parts.saturating_add(1),
                holders: sum.holders.saturating_add(holders),
                bytes: sum.bytes.saturating_add(segment.len),
            },
            _ => sum,
        })
    }

    /// The segment that `address` is in.
    fn find(&mut self, address: usize) -> Option<&mut Segment> {
        let after = self.list.partition_point(|segment| segment.start <= address);
        let segment = self.list.get_mut(after.checked_sub(1)?)?;
        (address.wrapping_sub(segment.start) < segment.len).then_some(segment)
    }

    /// Joins the segment at `at` with the next one, if both are free.
    fn join(&mut self, at: usize) -> bool {
        let (Some(first), Some(second)) = (self.list.get(at), self.list.get(at.wrapping_add(1))) else { return false };
        let touch = first.start.checked_add(first.len) == Some(second.start);
        if first.state != State::Free || second.state != State::Free || !touch {
            return false;
        }
        let added = second.len;
        self.list.remove(at.wrapping_add(1));
        if let Some(first) = self.list.get_mut(at) {
            first.len = first.len.saturating_add(added);
        }
        true
    }
}

/// A list for [`Segments::enlarge`].
#[derive(Debug)]
pub(super) struct Larger(Vec<Segment>);

impl Larger {
    /// Room for `len` segments.
    pub(super) fn new(len: usize) -> Self {
        Self(Vec::with_capacity(len))
    }
}

#[cfg(test)]
mod tests;
