//! What the command shows: the story, a progress bar, the closing table. Styles are written as escape codes; the
//! stream they go to drops them where they are not wanted (no terminal, `NO_COLOR`).

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Streams;
use crate::{
    figures::Figure,
    story::{StoryLine, clock},
};

/// For what is said by the way.
pub(super) const DIM: Style = Style::new().dimmed();

/// Tells the story line by line.
pub(super) struct Teller<'a> {
    out: &'a mut dyn Write,
    /// Whether the run has a purpose beyond what is told.
    go_on: bool,
    closed: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(out: &'a mut dyn Write, go_on: bool) -> Self {
        Self { out, go_on, closed: false }
    }

    /// Tells a line. When nobody listens any more, the process ends, unless there is something else to finish.
    pub(super) fn line(&mut self, line: &StoryLine) {
        if self.closed {
            return;
        }
        let told = writeln!(self.out, "{DIM}{:>8}{DIM:#}  {}", clock(line.at_us), line.text);
        if told.and_then(|()| self.out.flush()).is_err() {
            self.closed = true;
            if !self.go_on {
                std::process::exit(super::EXIT_DONE.into());
            }
        }
    }
}

/// A progress bar on standard error; invisible where that is no terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(wanted: bool) -> Self {
        let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self(bar)
    }

    /// Shows how far simulated time has come.
    pub(super) fn advance(&self, now_us: u64, end_us: u64) {
        self.0.set_length(end_us / 1_000);
        self.0.set_position(now_us.min(end_us) / 1_000);
        let seconds = |us: u64| clock(us / 1_000_000 * 1_000_000);
        let text = if now_us < end_us {
            format!("{} of {} simulated", seconds(now_us), seconds(end_us))
        } else {
            "draining".to_owned()
        };
        self.0.set_message(text);
    }

    /// Does something else on the terminal.
    pub(super) fn suspended(&self, act: impl FnOnce()) {
        self.0.suspend(act);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// Says why there is no result, on standard error; gives back the exit code.
pub(crate) fn complain(streams: &mut Streams<'_>, failure: &dyn Display, code: u8) -> u8 {
    let bold = AnsiColor::Red.on_default().bold();
    // If not even this can be written, the exit code still tells.
    let _ = writeln!(streams.err, "{bold}error:{bold:#} {failure}");
    code
}

/// The closing table.
///
/// # Errors
/// As writing does.
pub(super) fn table(figures: &[Figure], out: &mut dyn Write) -> io::Result<()> {
    let width =
        |column: fn(&Figure) -> &str| figures.iter().map(|figure| column(figure).chars().count()).max().unwrap_or(0);
    let (names, values) = (width(|figure| &figure.name), width(|figure| &figure.value));
    let targets = width(|figure| figure.target.as_deref().unwrap_or_default());
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())));
    for figure in figures {
        let (name, value) = (pad(&figure.name, names), pad(&figure.value, values));
        let target = pad(figure.target.as_deref().unwrap_or_default(), targets);
        let line = match figure.met {
            None => format!("  {name}  {value}"),
            Some(met) => {
                let (mark, style) =
                    if met { ("✓", AnsiColor::Green.on_default()) } else { ("✗", AnsiColor::Red.on_default()) };
                format!("  {name}  {value}  {DIM}{target}{DIM:#}  {style}{mark}{style:#}")
            }
        };
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
