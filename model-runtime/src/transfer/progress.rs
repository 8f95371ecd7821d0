//! [`Progress`]: how far a load is.

use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Bytes after which a callback is called again, and the time after which it is called before that.
const STEP: u64 = 16 << 20;
const INTERVAL: Duration = Duration::from_millis(50);

/// How far a load is: what the callback of [`LoadOptions::progress`](crate::LoadOptions::progress) gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The bytes that have been read. It never becomes less, and ends at [`bytes_total`](Self::bytes_total).
    pub bytes_done: u64,
    /// The bytes in the file of all tensors that are read from it.
    pub bytes_total: u64,
    /// The number of tensors that are read from the file; tied ones count once.
    pub tensors: usize,
}

/// What is told about progress.
#[derive(Clone)]
pub(crate) struct Callback(Arc<dyn Fn(Progress) + Send + Sync>);

impl Callback {
    pub(crate) fn new(callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Self(Arc::new(callback))
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Callback").finish_non_exhaustive()
    }
}

/// Counts what has been read, and tells about it now and then.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    callback: Option<Callback>,
    tensors: AtomicUsize,
    total: AtomicU64,
    /// The bytes that were read, which for some storages are more than those that were asked for.
    read: AtomicU64,
    /// The bytes of the tensors that are complete.
    complete: AtomicU64,
    /// What was told last, and when.
    told: Mutex<Option<(u64, Instant)>>,
}

impl Meter {
    pub(crate) fn new(callback: Option<Callback>) -> Self {
        Self { callback, ..Self::default() }
    }

    /// Says how much there is to do.
    pub(super) fn start(&self, total: u64, tensors: usize) {
        self.total.store(total, Ordering::Relaxed);
        self.tensors.store(tensors, Ordering::Relaxed);
    }

    /// Counts bytes that were read.
    pub(super) fn add(&self, bytes: usize) {
        if self.callback.is_none() {
            return;
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let done = self.read.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        // Not the end yet: that is when the checksums are compared. Another thread that is telling tells enough.
        let (Ok(mut told), true) = (self.told.try_lock(), done < self.total.load(Ordering::Relaxed)) else { return };
        let is_time = told
            .is_none_or(|(bytes, at)| done >= bytes.saturating_add(STEP) || done > bytes && at.elapsed() > INTERVAL);
        if is_time {
            *told = Some((done, Instant::now()));
            self.tell(done);
        }
    }

    /// Counts tensors that are complete.
    pub(super) fn reach(&self, bytes: u64) {
        let complete = self.complete.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.read.store(complete, Ordering::Relaxed);
    }

    /// Says that all is done.
    pub(super) fn finish(&self) {
        self.tell(self.total.load(Ordering::Relaxed));
    }

    fn tell(&self, bytes_done: u64) {
        if let Some(Callback(callback)) = &self.callback {
            let bytes_total = self.total.load(Ordering::Relaxed);
            callback(Progress { bytes_done, bytes_total, tensors: self.tensors.load(Ordering::Relaxed) });
        }
    }
}
