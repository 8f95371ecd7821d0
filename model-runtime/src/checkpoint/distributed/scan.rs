//! A first pass over a `.metadata` that keeps no chunks: those that cannot fill their tensor are refused before anything
//! is made of them, which takes many times the file.
//!
//! It sees only what PyTorch's pickler writes. Anything else ends it without a verdict; whatever it passes is checked
//! again, value by value.

use std::collections::HashMap;
use std::vec::Drain;

use super::cover::{Cover, Numbers};
use super::place::{Fields, Place, Seen, Word};
use crate::checkpoint::error::{CheckpointError, Result, clip};
use crate::checkpoint::pickle::{Event, Events};
use crate::checkpoint::source::Source;

/// A file up to this long is left to the pass that says more of what is wrong: its values take little.
const SMALL: u64 = 2 << 10;
/// Places on the stack, and in the memo, beside one for so many bytes of the file.
const PLACES: usize = 256;
const BYTES_A_PLACE: u64 = 256;
/// Bytes of a key in the message.
const MAX_KEY: usize = 160;

/// Refuses chunks that do not fill their tensor.
pub(super) fn scan(source: &Source) -> Result<()> {
    if source.len() <= SMALL {
        return Ok(());
    }
    let places = usize::try_from(source.len() / BYTES_A_PLACE).unwrap_or(usize::MAX).saturating_add(PLACES);
    let mut scan = Scan { places, stack: Vec::new(), memo: HashMap::new(), memoized: Some(0) };
    let mut events = Events::new(source);
    loop {
        match events.next().map_err(|_| End::Unknown).and_then(|event| scan.step(event, &events)) {
            Ok(()) => {}
            Err(End::Unknown) => return Ok(()),
            Err(End::Refused(error)) => return Err(error),
        }
    }
}

/// Why the pass ends.
enum End {
    /// The pickle is over, or is none that PyTorch writes.
    Unknown,
    Refused(CheckpointError),
}

type Step<T = ()> = std::result::Result<T, End>;

struct Scan {
    /// How many the stack and the memo may have.
    places: usize,
    stack: Vec<Place>,
    /// What was memoised and matters, and whether it was used again.
    memo: HashMap<u32, (Seen, bool)>,
    /// How many were memoised, as long as their numbers are in order.
    memoized: Option<u32>,
}

impl Scan {
    fn step(&mut self, event: Event, events: &Events<'_>) -> Step {
        match event {
            Event::Skip => Ok(()),
            Event::Stop | Event::Rare => Err(End::Unknown),
            Event::Pop => self.pop().map(drop),
            Event::Put(index) => self.put(index),
            Event::Memoize => self.put(self.memoized.ok_or(End::Unknown)?),
            Event::Get(index) => self.get(index),
            Event::Tuple(len) => {
                let mut items = (0..len).map(|_| self.pop()).collect::<Step<Vec<_>>>()?;
                items.reverse();
                self.push(Seen::tuple(&items))
            }
            Event::TupleFromMark => {
                let items: Vec<_> = self.pop_mark()?.map(|place| place.seen).collect();
                self.stack.pop();
                self.push(Seen::tuple(&items))
            }
            Event::StackGlobal => {
                let name = self.pop()?;
                self.pop()?;
                self.push(name)
            }
            Event::Call => self.call(),
            Event::Append | Event::Extend => self.extend(matches!(event, Event::Extend)),
            Event::SetItem => {
                let item = [self.pop()?, self.pop()?];
                self.set(Fields::default().with(item))
            }
            Event::SetItems => self.set_items(),
            Event::Build => self.build(),
            value => self.push(seen(value, events)),
        }
    }

    /// What is only one of many of its kind goes into one place.
    fn push(&mut self, seen: Seen) -> Step {
        self.settle();
        if self.stack.len() >= self.places {
            return Err(End::Unknown);
        }
        self.stack.push(Place::new(seen));
        Ok(())
    }

    /// Joins the top place with the one under it, now that it will not change any more.
    fn settle(&mut self) {
        if let [.., under, top] = self.stack.as_mut_slice() {
            // A text matters as the key of a tensor alone.
            if matches!(under.seen, Seen::Text(_)) && !matches!(top.seen, Seen::NewTensor | Seen::Word(_)) {
                under.seen = Seen::Other;
            }
            if under.join(top) {
                self.stack.pop();
            }
        }
        if let [.., under, top] = self.stack.as_mut_slice()
            && under.join(top)
        {
            self.stack.pop();
        }
    }

    /// The top value; one that was joined with others only if nothing is known of them.
    fn pop(&mut self) -> Step<Seen> {
        let top = self.stack.last_mut().filter(|top| top.seen != Seen::Mark).ok_or(End::Unknown)?;
        if top.run > 1 {
            top.run = top.run.saturating_sub(1);
            return if top.seen == Seen::Other { Ok(Seen::Other) } else { Err(End::Unknown) };
        }
        self.stack.pop().map(|top| top.seen).ok_or(End::Unknown)
    }

    /// The places above the last mark, which is then on top.
    fn pop_mark(&mut self) -> Step<Drain<'_, Place>> {
        let mark = self.stack.iter().rposition(|place| place.seen == Seen::Mark).ok_or(End::Unknown)?;
        Ok(self.stack.drain(mark.saturating_add(1)..))
    }

    fn put(&mut self, index: u32) -> Step {
        let top = self.stack.last_mut().ok_or(End::Unknown)?;
        self.memoized = self.memoized.filter(|next| *next == index).and_then(|next| next.checked_add(1));
        self.memo.remove(&index);
        if top.run == 1 && top.seen.matters() && self.memo.len() < self.places {
            self.memo.insert(index, (top.seen.clone(), false));
            top.memo = Some(index);
        }
        Ok(())
    }

    fn get(&mut self, index: u32) -> Step {
        let known = self.memo.get_mut(&index).map(|(seen, again)| {
            *again = true;
            seen.clone()
        });
        self.push(known.unwrap_or(Seen::Other))?;
        self.stack.last_mut().into_iter().for_each(|top| top.memo = Some(index));
        Ok(())
    }

    fn call(&mut self) -> Step {
        let (arguments, callee) = (self.pop()?, self.pop()?);
        let result = match (callee, arguments) {
            (Seen::Word(Word::TorchSize), Seen::Arguments(numbers)) => Seen::Size(numbers),
            (Seen::Word(Word::TorchSize), Seen::Negative) => {
                return Err(End::Refused(CheckpointError::damaged("a size is out of range").got("a negative number")));
            }
            (Seen::Word(Word::Chunk), _) => Seen::NewChunk,
            (Seen::Word(Word::Tensor), _) => Seen::NewTensor,
            _ => Seen::Other,
        };
        self.push(result)
    }

    /// Appends the top value, or all above the mark.
    fn extend(&mut self, many: bool) -> Step {
        let mut added = Some(Cover::default());
        let mut add = |seen: &Seen| {
            added = if let (Some(added), Seen::Chunk(cover)) = (added, seen) { Some(added.and(*cover)) } else { None };
        };
        if many {
            self.pop_mark()?.for_each(|place| add(&place.seen));
            self.stack.pop();
        } else {
            add(&self.pop()?);
        }
        self.change(|target| match (target, added) {
            (Seen::List(cover), Some(added)) => Seen::List(cover.and(added)),
            _ => Seen::Other,
        })
    }

    fn set_items(&mut self) -> Step {
        let mut fields = Fields::default();
        while self.stack.last().is_some_and(|top| top.seen != Seen::Mark) {
            fields = fields.with([self.pop()?, self.pop()?]);
        }
        self.stack.pop();
        self.set(fields)
    }

    fn set(&mut self, new: Fields) -> Step {
        self.change(|target| match target {
            Seen::Dict(old) if new == Fields::default() => Seen::Dict(old),
            Seen::Dict(old) => Seen::Dict(Some(Box::new(new.over(old.map(|old| *old).unwrap_or_default())))),
            _ => Seen::Other,
        })
    }

    fn build(&mut self) -> Step {
        let state = match self.pop()? {
            Seen::Dict(Some(fields)) => *fields,
            _ => Fields::default(),
        };
        if self.stack.last().is_some_and(|top| top.seen == Seen::NewTensor) {
            self.check(&state)?;
        }
        self.change(|target| match (target, state.offsets, state.sizes) {
            (Seen::NewChunk, Some(offsets), Some(sizes)) => Seen::Chunk(Cover::of(offsets, sizes)),
            _ => Seen::Other,
        })
    }

    /// Changes the top value. Nobody knows where else it is after it was used again.
    fn change(&mut self, change: impl FnOnce(Seen) -> Seen) -> Step {
        let top = self.stack.last_mut().ok_or(End::Unknown)?;
        if top.seen == Seen::Other {
            return Ok(());
        }
        if top.run > 1 {
            return Err(End::Unknown);
        }
        top.seen = change(std::mem::take(&mut top.seen));
        if let Some((memo, again)) = top.memo.and_then(|index| self.memo.get_mut(&index)) {
            if *again {
                return Err(End::Unknown);
            }
            *memo = top.seen.clone();
        }
        Ok(())
    }

    /// Compares the chunks of the tensor on top of the stack with its size.
    fn check(&self, tensor: &Fields) -> Step {
        let (Some(sizes), Some(cover)) = (tensor.size, tensor.chunks) else { return Ok(()) };
        if cover.fills(sizes) {
            return Ok(());
        }
        let what = "the chunks do not fill their tensor: they overlap, leave a hole or reach past the end";
        let error = CheckpointError::damaged(what)
            .expected(format_args!("{} elements, each in one chunk", sizes.volume()))
            .got(format_args!("{} elements in {} chunks", cover.volume, cover.len));
        Err(End::Refused(match self.stack.as_slice() {
            [.., Place { seen: Seen::Text(key), .. }, _] => error.at(format_args!("key `{key}`")),
            _ => error,
        }))
    }
}

/// A value that is pushed.
fn seen(event: Event, events: &Events<'_>) -> Seen {
    match event {
        Event::Mark => Seen::Mark,
        Event::Int(value) => u64::try_from(value).map_or(Seen::Negative, Seen::Int),
        Event::Text(span) => {
            let text = events.text(span);
            let key = || Seen::Text(clip(&String::from_utf8_lossy(text), MAX_KEY).into());
            Word::of(text).map_or_else(key, Seen::Word)
        }
        Event::Global(name) => Word::of(events.text(name)).map_or(Seen::Other, Seen::Word),
        Event::EmptyTuple => Seen::Tuple(Numbers::new()),
        Event::EmptyList => Seen::List(Cover::default()),
        Event::EmptyDict => Seen::Dict(None),
        _ => Seen::Other,
    }
}

#[cfg(test)]
mod tests;
