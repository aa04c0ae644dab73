//! A progress bar for runs that take long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs that are shorter show none.
const PATIENCE: Duration = Duration::from_secs(2);

/// Cases done, on standard error; invisible where that is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    /// Whether it may still appear.
    wanted: bool,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} cases") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self { bar, wanted }
    }

    pub(super) fn advance(&mut self, done: usize, total: usize) {
        if self.wanted && self.bar.elapsed() > PATIENCE {
            self.wanted = false;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
