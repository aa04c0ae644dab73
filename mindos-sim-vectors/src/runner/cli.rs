//! The subcommand `vectors run`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::drive::{self, Options};
use super::known::known;
use super::report::{Report, print};
use super::suite::Suite;
use super::{RunError, selects};
use crate::cli::Steps;
use crate::vectors::directory;

const EXAMPLES: &str = "\
Examples:
  mindos vectors run -- mindos testee                      the reference itself
  mindos vectors run -- python3 my_testee.py               your implementation
  mindos vectors run --only wire/ping -- ./my_testee       cases whose id contains this
  mindos vectors run --known-failures todo.txt --report out.json -- ./my_testee

Exit code: 0 all passed or are known to fail, 1 something failed or passed unexpectedly, 2 could not run.
How to write a testee is told in mindos-sim-vectors/vectors/README.md.";

/// Drives any program over standard input and output, case by case.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// The folder of the files; by default that of the source tree.
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Print the report as one JSON object, and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Write the report as JSON to a file.
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Cases that are known to fail: one id a line, `#` begins a comment.
    #[arg(long, value_name = "FILE")]
    pub known_failures: Option<PathBuf>,
    /// How long an answer may take; `hello` may take four times as long.
    #[arg(long, value_name = "N", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=86_400_000))]
    pub timeout_ms: u64,
    /// Only cases whose id contains this; `*` stands for anything.
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
    /// The testee and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// Runs the subcommand. `Ok(false)` means that something failed. A reader that closes the pipe changes nothing.
///
/// # Errors
/// If the run could not take place, or its report not be written.
pub fn run(args: &RunArgs, out: &mut dyn Write, progress: bool) -> Result<bool, RunError> {
    if let Some(path) = &args.report {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            let what = format!("--report {}: expected a file in an existing folder", path.display());
            return Err(RunError::Refused(what));
        }
    }
    let suite = Suite::read(&args.dir.clone().unwrap_or_else(directory))?;
    let known = match &args.known_failures {
        Some(path) => known(path, &suite)?,
        None => BTreeSet::new(),
    };
    let selected = |id: &str| args.only.as_ref().is_none_or(|pattern| selects(pattern, id));
    if !suite.cases().any(|case| selected(&case.id)) {
        return Err(RunError::Refused("--only: no case has such an id".to_owned()));
    }
    let timeout = Duration::from_millis(args.timeout_ms);
    let options = Options { command: &args.command, timeout, selected: &selected };
    let mut bar = Steps::new(progress && !args.json, "cases");
    let outcome = drive::run(&suite, &options, &mut |done, total| bar.advance(done, total));
    bar.finish();
    let report = Report::new(&suite, &args.command, outcome?, &known);
    if let Some(path) = &args.report {
        let written = serde_json::to_string_pretty(&report).map_err(io::Error::from);
        let written = written.and_then(|text| fs::write(path, format!("{text}\n")));
        written.map_err(|error| RunError::Write(path.display().to_string(), error))?;
    }
    let told = match args.json {
        true => serde_json::to_writer(&mut *out, &report).map_err(io::Error::from).and_then(|()| writeln!(out)),
        false => print(&report, out),
    };
    match told.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(RunError::Write("output".to_owned(), error)),
        _ => Ok(report.ok),
    }
}
