//! What every simulation takes, and how it is watched and told of.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

use super::{
    EXIT_DONE, EXIT_FAILED, Streams,
    output::{Bar, Teller, complain},
};
use crate::story::Progress;

/// What every simulation takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CommonArgs {
    /// Seed of everything random
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print the figures as one JSON object, and nothing else
    #[arg(long)]
    pub json: bool,
    /// Write a report as one HTML file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// No story and no progress, only the closing table
    #[arg(long, short)]
    pub quiet: bool,
}

impl CommonArgs {
    /// Whether the report can be written, before a long run.
    pub(super) fn check(&self) -> Result<(), String> {
        let Some(path) = &self.report else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(format!("--report {}: expected a file in an existing folder", path.display()));
        }
        Ok(())
    }

    /// Lets a simulation run, with its progress and its story on the terminal.
    pub(super) fn watch<R>(
        &self,
        streams: &mut Streams<'_>,
        simulate: impl FnOnce(&mut dyn FnMut(Progress<'_>)) -> R,
    ) -> R {
        let bar = Bar::new(streams.progress && !self.quiet);
        let mut teller = Teller::new(streams.out, self.report.is_some());
        let silent = self.json || self.quiet;
        let result = simulate(&mut |progress| match progress {
            Progress::Time { now_us, end_us } => bar.advance(now_us, end_us),
            Progress::Story(line) if !silent => bar.suspended(|| teller.line(line)),
            Progress::Story(_) => {}
        });
        bar.finish();
        result
    }

    /// Writes the report, if one is wanted, then the result as JSON or in words; gives the exit code.
    pub(super) fn deliver(
        &self,
        streams: &mut Streams<'_>,
        result: &impl serde::Serialize,
        page: impl FnOnce() -> String,
        tell: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> u8 {
        if let Some(path) = &self.report
            && let Err(failure) = fs::write(path, page())
        {
            return complain(streams, &format!("{}: cannot be written: {failure}", path.display()), EXIT_FAILED);
        }
        let out = &mut *streams.out;
        let told = if self.json {
            serde_json::to_writer(&mut *out, result).map_err(io::Error::from).and_then(|()| writeln!(out))
        } else {
            writeln!(out).and_then(|()| tell(out)).and_then(|()| match &self.report {
                Some(path) => writeln!(out, "\nReport: {}", path.display()),
                None => Ok(()),
            })
        };
        // What is left is output; if nobody reads it any more, that is all right.
        match told.and_then(|()| out.flush()) {
            Err(failure) if failure.kind() != io::ErrorKind::BrokenPipe => complain(streams, &failure, EXIT_FAILED),
            _ => EXIT_DONE,
        }
    }
}
