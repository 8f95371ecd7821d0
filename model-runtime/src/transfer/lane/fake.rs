//! A device whose copies wait until someone waits for them, and then happen last to first.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, DType};

use super::{Buffer, Lane, Part};
use crate::error::{Error, Result};
use crate::memory::Uninit;

/// What a byte of the device is before anything was copied there.
pub(in crate::transfer) const UNSET: u8 = 0xA5;

pub(in crate::transfer) type Bytes = Arc<Mutex<Vec<u8>>>;

struct Copy {
    buffer: usize,
    bytes: Vec<u8>,
    to: Bytes,
    at: usize,
}

#[derive(Default)]
struct Device {
    on_their_way: Mutex<Vec<Copy>>,
    buffers: AtomicUsize,
    sends: AtomicUsize,
    finished: AtomicUsize,
    /// Whether copies of buffers with odd numbers complete at once.
    odd_are_quick: AtomicBool,
    /// The number of the send that fails, and of the buffer that cannot be had.
    broken_send: Option<usize>,
    broken_buffer: Option<usize>,
    broken_finish: bool,
}

#[derive(Clone, Default)]
pub(in crate::transfer) struct FakeLane(Arc<Device>);

pub(in crate::transfer) struct FakeBuffer {
    pub(in crate::transfer) number: usize,
    nbytes: usize,
    parts: Vec<Uninit>,
    device: Arc<Device>,
}

impl Device {
    /// Does the copies from these buffers.
    fn complete(&self, is_due: impl Fn(usize) -> bool) {
        let mut on_their_way = self.on_their_way.lock().unwrap();
        let (due, rest): (Vec<_>, Vec<_>) = on_their_way.drain(..).partition(|copy| is_due(copy.buffer));
        *on_their_way = rest;
        for Copy { bytes, to, at, .. } in due.into_iter().rev() {
            to.lock().unwrap()[at..at + bytes.len()].copy_from_slice(&bytes);
        }
    }
}

impl FakeLane {
    pub(in crate::transfer) fn odd_are_quick(self) -> Self {
        self.0.odd_are_quick.store(true, SeqCst);
        self
    }

    pub(in crate::transfer) fn broken(send: Option<usize>, buffer: Option<usize>, finish: bool) -> Self {
        let device = Device { broken_send: send, broken_buffer: buffer, broken_finish: finish, ..Device::default() };
        Self(Arc::new(device))
    }

    pub(in crate::transfer) fn sends(&self) -> usize {
        self.0.sends.load(SeqCst)
    }

    pub(in crate::transfer) fn buffers(&self) -> usize {
        self.0.buffers.load(SeqCst)
    }

    pub(in crate::transfer) fn finished(&self) -> usize {
        self.0.finished.load(SeqCst)
    }

    pub(in crate::transfer) fn on_their_way(&self) -> usize {
        self.0.on_their_way.lock().unwrap().len()
    }
}

fn broken(what: &str) -> Error {
    Error::unsupported(format_args!("the fake device refuses a {what}"))
}

impl Lane for FakeLane {
    type Buffer = FakeBuffer;
    type Memory = Bytes;

    fn allocate(&self, dtype: DType, elements: usize) -> Result<Bytes> {
        Ok(Arc::new(Mutex::new(vec![UNSET; elements * dtype.size_in_bytes()])))
    }

    fn buffer(&self, nbytes: usize) -> Result<FakeBuffer> {
        let number = self.0.buffers.fetch_add(1, SeqCst);
        match self.0.broken_buffer == Some(number) {
            true => Err(broken("buffer")),
            false => Ok(FakeBuffer { number, nbytes, parts: Vec::new(), device: Arc::clone(&self.0) }),
        }
    }

    fn finish(&self) -> Result<()> {
        self.0.finished.fetch_add(1, SeqCst);
        self.0.complete(|_| true);
        if self.0.broken_finish { Err(broken("finish")) } else { Ok(()) }
    }
}

impl Buffer for FakeBuffer {
    type Memory = Bytes;

    fn is_free(&self) -> bool {
        if self.device.odd_are_quick.load(SeqCst) {
            self.device.complete(|number| number % 2 == 1);
        }
        self.device.on_their_way.lock().unwrap().iter().all(|copy| copy.buffer != self.number)
    }

    fn parts(&mut self, lens: &[usize]) -> Result<Vec<Part<'_>>> {
        self.device.complete(|number| number == self.number);
        assert!(lens.iter().sum::<usize>() <= self.nbytes, "{lens:?} are more than {}", self.nbytes);
        self.parts = lens.iter().map(|len| Uninit::new(DType::U8, *len).unwrap()).collect();
        Ok(self.parts.iter_mut().map(Uninit::part).collect())
    }

    fn send(&mut self, targets: &[Option<(&Bytes, usize)>]) -> Result<()> {
        assert_eq!(self.parts.len(), targets.len());
        let is_broken = self.device.broken_send == Some(self.device.sends.fetch_add(1, SeqCst));
        for (part, target) in self.parts.drain(..).zip(targets) {
            if let (Some(CpuStorage::U8(bytes)), Some((to, at))) = (part.finish(), *target) {
                let copy = Copy { buffer: self.number, bytes, to: Arc::clone(to), at };
                self.device.on_their_way.lock().unwrap().push(copy);
                if is_broken {
                    return Err(broken("copy"));
                }
            }
        }
        Ok(())
    }
}

impl Drop for FakeBuffer {
    fn drop(&mut self) {
        self.device.complete(|number| number == self.number);
    }
}
