//! A progress bar for runs that take long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs that are shorter show none.
const PATIENCE: Duration = Duration::from_secs(2);

/// Steps done, on standard error; invisible where that is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Whether it may still appear.
    wanted: bool,
}

impl Progress {
    /// A bar that counts so many `what`.
    pub(crate) fn new(wanted: bool, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}} of {{len}} {what}")) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self { bar, wanted }
    }

    pub(crate) fn advance(&mut self, done: usize, total: usize) {
        if self.wanted && self.bar.elapsed() > PATIENCE {
            self.wanted = false;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
