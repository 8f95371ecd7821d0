//! The threads that share work: those of rayon, or the calling one alone where the system refuses to start others.

use std::error::Error;
use std::sync::OnceLock;

use rayon::prelude::*;

/// What comes of the items, in their order, each of them worth a thread.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    // One is not worth waking other threads.
    match items.len() > 1 && has_pool() {
        true => items.into_par_iter().with_max_len(1).map(work).collect(),
        false => items.into_iter().map(work).collect(),
    }
}

/// How many there are.
#[cfg(any(feature = "cuda", test))]
pub(crate) fn number() -> usize {
    if has_pool() { rayon::current_num_threads() } else { 1 }
}

/// Whether there is a pool of threads: that of the caller, or rayon's own, which is made here if nobody has made it. Where it
/// cannot be made, as under a limit of processes, rayon panics when it is used.
fn has_pool() -> bool {
    static GLOBAL: OnceLock<bool> = OnceLock::new();
    // Where there are no threads at all, rayon itself uses the calling one.
    let make = || cfg!(target_family = "wasm") || !rayon::ThreadPoolBuilder::new().build_global().is_err_and(refused);
    rayon::current_thread_index().is_some() || *GLOBAL.get_or_init(make)
}

/// Whether the system refused a thread; otherwise the pool was there before.
fn refused(error: rayon::ThreadPoolBuildError) -> bool {
    error.source().is_some()
}
