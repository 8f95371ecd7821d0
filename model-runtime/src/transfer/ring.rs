//! [`Ring`]: the buffers that copies to a device start from, each used again when its copies are complete.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::lane::{Buffer, Lane};
use crate::error::{Error, Result};

/// Buffers that take turns: some are filled by threads, and from the others copies are on their way.
pub(super) struct Ring<'l, L: Lane> {
    lane: &'l L,
    /// The size of each buffer, in bytes.
    nbytes: usize,
    /// The number of buffers from which on a thread waits for one rather than to have another.
    limit: usize,
    state: Mutex<State<L::Buffer>>,
}

struct State<B> {
    /// The number of buffers that there are.
    made: usize,
    /// Those that no thread has, in the order in which they came back.
    resting: VecDeque<B>,
    /// What the device refused first.
    error: Option<Error>,
}

impl<'l, L: Lane> Ring<'l, L> {
    pub(super) fn new(lane: &'l L, nbytes: usize, limit: usize) -> Self {
        let state = State { made: 0, resting: VecDeque::new(), error: None };
        Self { lane, nbytes, limit, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State<L::Buffer>> {
        // Every change of the state is complete before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `work` with a buffer, of which copies may still be on their way: [`Buffer::parts`] waits for them. Nothing
    /// happens once the device has refused something.
    ///
    /// It never waits for another thread, which might itself wait for this one: were all buffers in the hands of
    /// threads, there would be one more.
    pub(super) fn with(&self, work: impl FnOnce(&mut L::Buffer) -> Result<()>) {
        if self.has_failed() {
            return;
        }
        let result = self.take().and_then(|mut buffer| {
            let result = work(&mut buffer);
            self.state().resting.push_back(buffer);
            result
        });
        if let Err(error) = result {
            self.state().error.get_or_insert(error);
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        self.state().error.is_some()
    }

    fn take(&self) -> Result<L::Buffer> {
        let mut state = self.state();
        let free = state.resting.iter().position(Buffer::is_free);
        // While there may be more buffers, one of which copies are on their way is not waited for.
        let next = free.or((state.made >= self.limit).then_some(0));
        if let Some(buffer) = next.and_then(|index| state.resting.remove(index)) {
            return Ok(buffer);
        }
        state.made += 1;
        drop(state);
        self.lane.buffer(self.nbytes)
    }

    /// Waits until all copies are complete, also after an error.
    ///
    /// # Errors
    ///
    /// What the device refused first.
    pub(super) fn finish(self) -> Result<()> {
        let finished = self.lane.finish();
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.error.map_or(finished, Err)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::fake::{Bytes, FakeLane, UNSET};
    use super::*;

    /// Sends one byte to `memory`.
    fn send(ring: &Ring<'_, FakeLane>, byte: u8, memory: &Bytes, at: usize) -> Option<usize> {
        let mut number = None;
        ring.with(|buffer| {
            number = Some(buffer.number);
            buffer.parts(&[1])?.into_iter().for_each(|part| part.write(&[byte]));
            buffer.send(&[Some((memory, at))])
        });
        number
    }

    fn memory(lane: &FakeLane) -> Bytes {
        lane.allocate(candle_core::DType::U8, 6).unwrap()
    }

    #[test]
    fn the_oldest_buffer_comes_next_once_there_are_enough() {
        let lane = FakeLane::default();
        let (ring, memory) = (Ring::new(&lane, 1, 3), memory(&lane));
        let numbers: Vec<_> = (0..6).filter_map(|at| send(&ring, at as u8, &memory, at)).collect();
        assert_eq!(numbers, [0, 1, 2, 0, 1, 2]);
        // Buffers that were used again are complete, the last ones are not.
        assert_eq!(*memory.lock().unwrap(), [0, 1, 2, UNSET, UNSET, UNSET]);
        ring.finish().unwrap();
        assert_eq!(*memory.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_buffer_whose_copies_are_complete_comes_before_an_older_one_and_before_a_new_one() {
        let lane = FakeLane::default().odd_are_quick();
        let (ring, memory) = (Ring::new(&lane, 1, 3), memory(&lane));
        let numbers: Vec<_> = (0..6).filter_map(|at| send(&ring, at as u8, &memory, at)).collect();
        assert_eq!(numbers, [0, 1, 1, 1, 1, 1]);
        ring.finish().unwrap();
        assert_eq!(*memory.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_thread_that_has_all_buffers_gets_another() {
        let lane = FakeLane::default();
        let (ring, memory) = (Ring::new(&lane, 1, 1), memory(&lane));
        ring.with(|_| {
            assert_eq!(send(&ring, 7, &memory, 5), Some(1));
            Ok(())
        });
        ring.finish().unwrap();
        assert_eq!((lane.buffers(), memory.lock().unwrap()[5]), (2, 7));
    }

    #[test]
    fn after_the_first_error_nothing_is_sent_and_it_comes_back_when_all_copies_are_complete() {
        let lane = FakeLane::broken(Some(1), None, true);
        let (ring, memory) = (Ring::new(&lane, 1, 3), memory(&lane));
        let numbers: Vec<_> = (0..4).map(|at| send(&ring, at as u8, &memory, at)).collect();
        assert_eq!(numbers, [Some(0), Some(1), None, None]);
        assert_eq!(ring.finish().unwrap_err().to_string(), "the fake device refuses a copy");
        assert_eq!((lane.finished(), lane.on_their_way()), (1, 0));
    }

    #[test]
    fn a_ring_that_is_dropped_leaves_no_copy_on_its_way() {
        let lane = FakeLane::default();
        let (ring, memory) = (Ring::new(&lane, 1, 3), memory(&lane));
        send(&ring, 1, &memory, 0);
        assert_eq!(lane.on_their_way(), 1);
        drop(ring);
        assert_eq!(lane.on_their_way(), 0);
    }
}
