//! [`LoadOptions::progress_bar`]: how far a load is, on the terminal.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::LoadOptions;
use crate::transfer::Progress;

const TEMPLATE: &str = "{bar:40} {bytes}/{total_bytes} ({binary_bytes_per_sec}, {eta})";

impl LoadOptions {
    /// Draws a bar on the standard error while tensors are read from the file, and removes it at the end; does nothing
    /// where the standard error is no terminal. It is a [`progress`](Self::progress) callback: of several the last one
    /// counts.
    ///
    /// Needs the feature `indicatif`.
    ///
    /// ```
    /// use model_runtime::prelude::*;
    ///
    /// let state = Linear::new(4, 2).init(Cpu)?.state_dict()?;
    /// let options = LoadOptions::new().progress_bar();
    /// let (_, report) = Linear::new(4, 2).load_state_dict_with(&state, Cpu, &options)?;
    /// assert_eq!(report.loaded, 2);
    /// # Ok::<(), model_runtime::Error>(())
    /// ```
    pub fn progress_bar(self) -> Self {
        if !std::io::stderr().is_terminal() {
            return self;
        }
        // One bar for each load: the options can serve several.
        let current: Mutex<Option<ProgressBar>> = Mutex::new(None);
        self.progress(move |progress| {
            // A thread that panicked while it drew leaves nothing half done that matters.
            draw(&mut current.lock().unwrap_or_else(PoisonError::into_inner), progress, ProgressDrawTarget::stderr);
        })
    }
}

/// Draws how far the load is; a bar goes when its load ends, and one that is there from a load that failed starts again.
fn draw(current: &mut Option<ProgressBar>, progress: Progress, target: fn() -> ProgressDrawTarget) {
    if progress.bytes_done == progress.bytes_total {
        if let Some(bar) = current.take() {
            bar.finish_and_clear();
        }
        return;
    }
    let bar = current.get_or_insert_with(|| {
        // The template is a constant that a test draws; without it the bar looks as indicatif's own.
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(None, target()).with_style(style).with_finish(ProgressFinish::AndClear)
    });
    if bar.length() != Some(progress.bytes_total) || bar.position() > progress.bytes_done {
        bar.reset();
        bar.set_length(progress.bytes_total);
    }
    bar.set_position(progress.bytes_done);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(bytes_done: u64) -> Progress {
        Progress { bytes_done, bytes_total: 100, tensors: 3 }
    }

    #[test]
    fn a_bar_follows_its_load_and_goes_at_the_end() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
        let mut bar = None;
        draw(&mut bar, at(10), ProgressDrawTarget::hidden);
        assert_eq!(bar.as_ref().map(|bar| (bar.position(), bar.length())), Some((10, Some(100))));
        draw(&mut bar, at(60), ProgressDrawTarget::hidden);
        assert_eq!(bar.as_ref().map(ProgressBar::position), Some(60));
        draw(&mut bar, at(100), ProgressDrawTarget::hidden);
        assert!(bar.is_none());
    }

    #[test]
    fn a_load_that_is_over_at_once_draws_nothing_and_one_after_a_failure_starts_again() {
        let mut bar = None;
        draw(&mut bar, at(100), ProgressDrawTarget::hidden);
        assert!(bar.is_none());
        draw(&mut bar, at(60), ProgressDrawTarget::hidden);
        draw(&mut bar, at(5), ProgressDrawTarget::hidden);
        assert_eq!(bar.as_ref().map(ProgressBar::position), Some(5));
    }
}
